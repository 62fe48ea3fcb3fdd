import { open } from 'node:fs/promises';

/**
 * A film of two hours and two gigabytes that takes little room on the disk. The seconds of a test video are repeated at
 * places spread over the whole file; elsewhere, where nothing should be read, the file has holes (zeros). MP4 boxes as
 * in ISO/IEC 14496-12.
 */
export type LongFilm = { readonly byteLength: number; readonly durationSeconds: number };

const DURATION_SECONDS = 7200;
const BYTE_LENGTH = 2e9;
/** How many seconds round each place have their pictures. */
const WRITTEN_SECONDS_EACH_SIDE = 15;

/**
 * @param video an MP4 file of the project's, with its sample table before its data and a key frame each second
 * @param places seconds round which the film can be decoded; elsewhere there are holes
 */
export async function writeLongFilm(
  path: string,
  video: Buffer,
  framesPerSecond: number,
  places: readonly number[],
): Promise<LongFilm> {
  const sizes = readSizes(video);
  const offsets = readOffsets(video, sizes);
  const secondsInVideo = Math.floor(sizes.length / framesPerSecond);
  const ftyp = wholeBox(video, 'ftyp', 0);
  const frameCount = DURATION_SECONDS * framesPerSecond;
  const sizeOf = (frame: number): number => sizes[frame % (secondsInVideo * framesPerSecond)]!;

  // The length of the sample table does not depend on its content. It is made once to measure it, and once with the
  // true places.
  const headLength = ftyp.length + moovOf(video, framesPerSecond, sizeOf, () => 0).length;
  const dataStart = headLength + 16;
  const stride = Math.floor((BYTE_LENGTH - dataStart) / DURATION_SECONDS);
  const startOf = (second: number): number => dataStart + second * stride;
  const moov = moovOf(video, framesPerSecond, sizeOf, startOf);

  const file = await open(path, 'w');
  try {
    const mdat = Buffer.alloc(16);
    mdat.writeUInt32BE(1, 0);
    mdat.write('mdat', 4);
    mdat.writeBigUInt64BE(BigInt(BYTE_LENGTH - headLength), 8);
    await file.write(Buffer.concat([ftyp, moov, mdat]), 0, null, 0);
    for (let second = 0; second < DURATION_SECONDS; second++) {
      if (!places.some((place) => Math.abs(place - second) <= WRITTEN_SECONDS_EACH_SIDE)) continue;
      const first = (second % secondsInVideo) * framesPerSecond;
      const frames = Array.from({ length: framesPerSecond }, (_, index) => {
        const start = offsets[first + index]!;
        return video.subarray(start, start + sizes[first + index]!);
      });
      const bytes = Buffer.concat(frames);
      if (bytes.length > stride) throw new Error(`a second takes ${bytes.length} bytes, there are ${stride}`);
      await file.write(bytes, 0, null, startOf(second));
    }
    await file.truncate(BYTE_LENGTH);
  } finally {
    await file.close();
  }
  if (frameCount % framesPerSecond !== 0) throw new Error('whole seconds only');
  return { byteLength: BYTE_LENGTH, durationSeconds: DURATION_SECONDS };
}

/** The film's `moov`, from the video's own with another sample table and other lengths of time. */
function moovOf(
  video: Buffer,
  framesPerSecond: number,
  sizeOf: (frame: number) => number,
  startOf: (second: number) => number,
): Buffer {
  const frameCount = DURATION_SECONDS * framesPerSecond;
  const rewrite = (container: Buffer): Buffer =>
    Buffer.concat(
      childrenOf(container).flatMap(({ type, bytes }) => {
        switch (type) {
          case 'mvhd':
          case 'mdhd':
            return [withDuration(bytes, timescaleOf(bytes), 24)];
          case 'tkhd':
            return [withDuration(bytes, timescaleOf(wholeBox(video, 'mvhd', 0)), 28)];
          case 'trak':
          case 'mdia':
          case 'minf':
            return [box(type, rewrite(bytes.subarray(8)))];
          case 'stbl':
            return [box('stbl', sampleTable(bytes))];
          // Edits and extensions are left out, since they describe the short video.
          case 'edts':
          case 'udta':
          case 'meta':
            return [];
          default:
            return [bytes];
        }
      }),
    );

  const sampleTable = (stbl: Buffer): Buffer => {
    const [stsd] = childrenOf(stbl.subarray(8)).filter(({ type }) => type === 'stsd');
    const timescale = timescaleOf(wholeBox(video, 'mdhd', 0));
    const seconds = Array.from({ length: DURATION_SECONDS }, (_, second) => second);
    return Buffer.concat([
      stsd!.bytes,
      fullBox('stts', [1, frameCount, timescale / framesPerSecond]),
      fullBox('stss', [DURATION_SECONDS, ...seconds.map((second) => second * framesPerSecond + 1)]),
      fullBox('stsc', [1, 1, framesPerSecond, 1]),
      fullBox('stsz', [0, frameCount, ...Array.from({ length: frameCount }, (_, frame) => sizeOf(frame))]),
      fullBox('stco', [DURATION_SECONDS, ...seconds.map(startOf)]),
    ]);
  };
  return box('moov', rewrite(wholeBox(video, 'moov', 0).subarray(8)));
}

/** A version 0 box with the film's duration at that offset. */
function withDuration(bytes: Buffer, timescale: number, offset: number): Buffer {
  if (bytes[8] !== 0) throw new Error('only version 0 boxes are known here');
  const copy = Buffer.from(bytes);
  copy.writeUInt32BE(DURATION_SECONDS * timescale, offset);
  return copy;
}

/** The timescale of an `mvhd` or `mdhd` box of version 0. */
function timescaleOf(bytes: Buffer): number {
  return bytes.readUInt32BE(20);
}

function readSizes(video: Buffer): readonly number[] {
  const stsz = wholeBox(video, 'stsz', 0);
  return Array.from({ length: stsz.readUInt32BE(16) }, (_, index) => stsz.readUInt32BE(20 + 4 * index));
}

/** The offset of each sample, from the chunks' offsets. */
function readOffsets(video: Buffer, sizes: readonly number[]): readonly number[] {
  const stsc = wholeBox(video, 'stsc', 0);
  const stco = wholeBox(video, 'stco', 0);
  const runs = Array.from({ length: stsc.readUInt32BE(12) }, (_, index) => ({
    firstChunk: stsc.readUInt32BE(16 + 12 * index),
    samples: stsc.readUInt32BE(20 + 12 * index),
  }));
  const offsets: number[] = [];
  for (let chunk = 1; chunk <= stco.readUInt32BE(12); chunk++) {
    let at = stco.readUInt32BE(12 + 4 * chunk);
    const samples = runs.findLast(({ firstChunk }) => firstChunk <= chunk)!.samples;
    for (let index = 0; index < samples && offsets.length < sizes.length; index++) {
      offsets.push(at);
      at += sizes[offsets.length - 1]!;
    }
  }
  return offsets;
}

type Box = { readonly type: string; readonly bytes: Buffer };

function childrenOf(container: Buffer): readonly Box[] {
  const boxes: Box[] = [];
  for (let at = 0; at + 8 <= container.length;) {
    const length = container.readUInt32BE(at);
    if (length < 8) throw new Error('a box without a length');
    boxes.push({
      type: container.toString('latin1', at + 4, at + 8),
      bytes: container.subarray(at, at + length),
    });
    at += length;
  }
  return boxes;
}

/** The first box of that type, found by its name: no other bytes in so short a head spell it. */
function wholeBox(video: Buffer, type: string, from: number): Buffer {
  const at = video.indexOf(type, from, 'latin1') - 4;
  if (at < 0) throw new Error(`the video has no ${type}`);
  return video.subarray(at, at + video.readUInt32BE(at));
}

function box(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(content.length + 8, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, content]);
}

/** Version and flags 0, then numbers of four bytes. */
function fullBox(type: string, numbers: readonly number[]): Buffer {
  const content = Buffer.alloc(4 + 4 * numbers.length);
  numbers.forEach((number, index) => content.writeUInt32BE(number, 4 + 4 * index));
  return box(type, content);
}
