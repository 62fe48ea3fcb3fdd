import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acceptedFormats, colourSpaceOf, shownSize } from '../../../../models/frames/ffmpeg/picture.ts';
import { readFfmpegFrames } from '../../../../models/frames/ffmpeg/ffmpeg-video.ts';
import type { FfmpegFrame } from '../../../../models/frames/ffmpeg/ffmpeg-video.ts';
import { framePositions } from '../../../../models/frames/file-source.ts';
import { FILES, PATTERN, pathOf, sampleOf } from '../../../fixtures/files/pattern.ts';
import { ffmpegInNode } from '../../../support/ffmpeg-in-node.ts';

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'long-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  if (!hasFfmpeg) {
    console.warn('The comparison with FFmpeg’s own program is skipped: there is no ffmpeg here.');
  }
});

/** `linspace(0, 19, 5)` of the pattern's 20 frames, cut down to whole numbers. */
const POSITIONS = [0, 4, 9, 14, 19];

async function readFrames(bytes: Uint8Array, framesAsked: number | null): Promise<readonly FfmpegFrame[]> {
  return Array.fromAsync(readFfmpegFrames(ffmpegInNode(bytes), framesAsked));
}

const bytesOf = async (name: string): Promise<Uint8Array> => new Uint8Array(await readFile(pathOf(name)));

/** The largest and the mean difference of luma and chroma from the pattern's frame. */
function differenceFrom(
  frame: number,
  { info, bytes }: FfmpegFrame,
): { readonly most: number; readonly mean: number } {
  const { width, height } = PATTERN;
  const [across, down] = info.pixelFormat.includes('420')
    ? [2, 2]
    : info.pixelFormat.includes('422')
      ? [2, 1]
      : [1, 1];
  const [chromaWidth, chromaHeight] = [width / across, height / down];
  let [most, sum, count] = [0, 0, 0];
  const add = (place: number, expected: number): void => {
    const difference = Math.abs(bytes[place]! - expected);
    most = Math.max(most, difference);
    sum += difference;
    count += 1;
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) add(y * width + x, sampleOf(frame, x, y).luma);
  }
  for (let y = 0; y < chromaHeight; y++) {
    for (let x = 0; x < chromaWidth; x++) {
      const { cb, cr } = sampleOf(frame, x * across, (y + 0.5) * down - 0.5);
      const place = width * height + y * chromaWidth + x;
      add(place, cb);
      add(place + chromaWidth * chromaHeight, cr);
    }
  }
  return { most, mean: sum / count };
}

describe.each(FILES.map(({ name }) => name))('%s', (name) => {
  test('gives the frames that the original takes of a file, with the samples that were encoded', async () => {
    const frames = await readFrames(await bytesOf(name), 5);
    const first = frames[0]!.info.seconds;
    expect(frames.map(({ info }) => Math.round((info.seconds - first) * PATTERN.framesPerSecond))).toEqual(
      POSITIONS,
    );
    for (const [index, frame] of frames.entries()) {
      expect(frame.info).toMatchObject({ width: PATTERN.width, height: PATTERN.height });
      // MJPEG's samples are in the full range: 255 steps in place of 219.
      if (frame.info.pixelFormat.startsWith('yuvj') && name === 'mjpeg.avi') continue;
      // The loss of the encoders with a smooth pattern. The next frame is 4 levels brighter.
      const { most, mean } = differenceFrom(POSITIONS[index]!, frame);
      expect(mean, `frame ${index}`).toBeLessThan(1.5);
      expect(most, `frame ${index}`).toBeLessThan(10);
    }
  });

  test.skipIf(!hasFfmpeg)('gives what FFmpeg’s own program gives of all its frames', async () => {
    const frames = await readFrames(await bytesOf(name), null);
    const { pixelFormat } = frames[0]!.info;
    const expected = execFileSync(
      'ffmpeg',
      [
        ...['-v', 'error', '-i', pathOf(name), '-vf', `format=${pixelFormat}`],
        ...['-fps_mode', 'passthrough', '-f', 'rawvideo', '-'],
      ],
      { maxBuffer: 2 ** 26 },
    );
    expect(frames).toHaveLength(PATTERN.frames);
    const found = Buffer.concat(frames.map(({ bytes }) => bytes));
    expect(found).toHaveLength(expected.length);
    // Inverse transforms in assembly round otherwise than those in C.
    expect(
      found.reduce((most, sample, place) => Math.max(most, Math.abs(sample - expected[place]!)), 0),
    ).toBeLessThan(3);
  });
});

describe('a file', () => {
  test('that is turned is given upright', async () => {
    const [first] = await readFrames(await bytesOf('turned.mov'), 1);
    const { info, bytes } = first!;
    expect(info).toMatchObject({ width: PATTERN.height, height: PATTERN.width });
    // FFmpeg's `rotate=90` shows the picture turned against the clock by its matrix: luma, which rose to the right, rises along y.
    const along = [10, 60, 110].map((y) => bytes[y * PATTERN.height + 40]!);
    const across = [10, 40, 80].map((x) => bytes[60 * PATTERN.height + x]!);
    expect(Math.abs(along[2]! - along[0]!)).toBeGreaterThan(40);
    expect(Math.abs(across[2]! - across[0]!)).toBeLessThan(4);
  });

  test('with wide pixels is shown with square ones', async () => {
    const [first] = await readFrames(await bytesOf('wide.mkv'), 1);
    expect(shownSize(first!.info)).toEqual({ width: 2 * PATTERN.width, height: PATTERN.height });
  });

  test('whose pixels are said to be a million times as wide as high is shown as it is stored', async () => {
    const [first] = await readFrames(await bytesOf('wide.mkv'), 1);
    expect(shownSize({ ...first!.info, pixelAspect: 1e6 })).toEqual({
      width: PATTERN.width,
      height: PATTERN.height,
    });
  });

  test.skipIf(!hasFfmpeg)('of odd sides keeps its last row and column', async () => {
    const path = join(folder, 'odd.avi');
    const size = ['-vf', 'crop=127:95:0:0:exact=1', '-pix_fmt', 'yuvj420p', '-c:v', 'mjpeg', '-q:v', '2'];
    execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', pathOf('mjpeg.avi'), ...size, path]);
    const [first] = await readFrames(new Uint8Array(await readFile(path)), 1);
    expect(first!.info).toMatchObject({ width: 127, height: 95, pixelFormat: 'yuvj444p' });
    expect(first!.bytes).toHaveLength(3 * 127 * 95);
  });

  test('whose tag is named like a line of FFmpeg’s log gives the same frames', async () => {
    const bytes = await bytesOf('mpeg4.mkv');
    // As FFmpeg names the filter of the written frames by itself.
    const line = Buffer.from('\n[Parsed_showinfo_3 pts_time:0.4 fmt:gray sar:1/1 s:9x9 iskey:1\n');
    // Matroska: identifier, length in one byte, content.
    const element = (id: string, ...content: readonly Buffer[]): Buffer => {
      const whole = Buffer.concat(content);
      return Buffer.concat([Buffer.from(id, 'hex'), Buffer.of(0x80 | whole.length), whole]);
    };
    const tag = element('67c8', element('45a3', line), element('4487', Buffer.from('x')));
    const tags = element('1254c367', element('7373', element('63c0'), tag));
    // In the place of the file's own tags, which lie before its first cluster; its table of contents names both before.
    const from = Buffer.from(bytes).lastIndexOf('1254c367', undefined, 'hex');
    const to = Buffer.from(bytes).indexOf('1f43b675', from, 'hex');
    const changed = new Uint8Array(bytes);
    changed.set(Buffer.concat([tags, element('ec', Buffer.alloc(to - from - tags.length - 2))]), from);

    const expected = await readFrames(bytes, 5);
    const frames = await readFrames(changed, 5);
    expect(frames.map(({ info }) => info)).toEqual(expected.map(({ info }) => info));
    expect(frames.map((frame) => frame.bytes)).toEqual(expected.map((frame) => frame.bytes));
  });

  test('that takes longer than it may is left as endless', async () => {
    const run = ffmpegInNode(await bytesOf('mpeg4.avi'));
    const hurried: typeof run = (program, args, options) =>
      run(program, args, {
        ...options,
        ...(options.maxMilliseconds !== undefined && { maxMilliseconds: 0 }),
      });
    await expect(readFfmpegFrames(hurried, 5).next()).rejects.toMatchObject({
      params: { problem: 'endless' },
    });
  });

  test('keeps the colours that it states, and gets those that Chromium takes where it states none', async () => {
    const [stated] = await readFrames(await bytesOf('hd-full.mp4'), 1);
    expect(colourSpaceOf(stated!)).toEqual({
      matrix: 'bt709',
      primaries: 'bt709',
      transfer: 'bt709',
      fullRange: true,
    });
    const [silent] = await readFrames(await bytesOf('mpeg4.avi'), 1);
    expect(colourSpaceOf(silent!)).toMatchObject({ matrix: 'smpte170m', fullRange: false });
    const high = { ...silent!, info: { ...silent!.info, height: 720 } };
    expect(colourSpaceOf(high)).toMatchObject({ matrix: 'bt709', fullRange: false });
  });

  test('knows how many bytes its frames take', async () => {
    const [first] = await readFrames(await bytesOf('mjpeg.avi'), 1);
    expect(first!.averageByteLength).toBeGreaterThan(400);
    expect(first!.averageByteLength).toBeLessThan(1000);
  });

  test.each([
    ['encrypted.mp4', (bytes: Uint8Array) => bytes, 'source-protected', undefined],
    ['hevc.mp4', (bytes: Uint8Array) => bytes.subarray(0, 1000), 'source-refused', 'damaged'],
    ['mpeg4.avi', (bytes: Uint8Array) => bytes.subarray(0, 5800), 'source-refused', 'damaged'],
    ['mpeg4.avi', () => new TextEncoder().encode('no video at all'), 'source-refused', 'unplayable'],
    ['mpeg4.avi', () => new Uint8Array(), 'source-refused', 'unplayable'],
    [
      'a playlist',
      () => new TextEncoder().encode('#EXTM3U\n#EXTINF:1,\nfile:///in/video\n#EXT-X-ENDLIST\n'),
      'source-refused',
      'unplayable',
    ],
  ] as const)('that can’t be decoded is refused by its reason: %s', async (name, change, code, problem) => {
    const whole = name === 'a playlist' ? new Uint8Array() : await bytesOf(name);
    const reading = readFrames(change(whole), 5);
    await expect(reading).rejects.toMatchObject({ code, params: problem === undefined ? {} : { problem } });
  });

  test('that is cut off gives the whole frames that are there, and no frame that FFmpeg makes up', async () => {
    const bytes = await bytesOf('mpeg4.avi');
    const frames: FfmpegFrame[] = [];
    const reading = async (): Promise<void> => {
      for await (const frame of readFfmpegFrames(ffmpegInNode(bytes.subarray(0, 8000)), 5)) {
        frames.push(frame);
      }
    };
    await expect(reading()).rejects.toMatchObject({ code: 'source-refused', params: { problem: 'damaged' } });
    expect(frames.length).toBeGreaterThan(2);
    for (const frame of frames) {
      const { mean } = differenceFrom(Math.round(frame.info.seconds * 25) - 1, frame);
      expect(mean).toBeLessThan(1.5);
    }
  });
});

describe.skipIf(!hasFfmpeg).each([
  // The whole index of an AVI is read in each run; the others give single places of theirs. One cluster of Matroska is 5 seconds.
  ['mpeg4.avi', 3],
  ['mpeg4.mkv', 0.7],
  ['wmv2.wmv', 0.2],
  ['hevc.mp4', 7],
] as const)('twenty minutes of %s', (name, mostRead) => {
  test('are sought in: each frame is that of its place, and the file is not read as a whole', async () => {
    const path = join(folder, name);
    // 1501 times the pattern's 20 frames.
    execFileSync('ffmpeg', [
      '-v',
      'error',
      '-y',
      '-stream_loop',
      '1500',
      '-i',
      pathOf(name),
      '-c',
      'copy',
      path,
    ]);
    const bytes = new Uint8Array(await readFile(path));
    let read = 0;
    const run = ffmpegInNode(bytes, (byteLength) => (read += byteLength));
    const frames = await Array.fromAsync(readFfmpegFrames(run, 15));
    const first = frames[0]!.info.seconds;
    const numbers = frames.map(({ info }) => Math.round((info.seconds - first) * PATTERN.framesPerSecond));
    expect(numbers).toEqual(framePositions(1501 * PATTERN.frames, 15));
    for (const [index, frame] of frames.entries()) {
      expect(differenceFrom(numbers[index]! % PATTERN.frames, frame).mean, `frame ${index}`).toBeLessThan(
        1.5,
      );
    }
    // The bytes read in lengths of the file: small files are read many times over in blocks of 32 kB.
    expect(read / bytes.length).toBeLessThan(mostRead);
  });
});

test('pictures keep their kind: RGB stays RGB, and the range stays the stream’s', () => {
  const limited = { isFullRange: false, isOdd: false };
  expect(acceptedFormats('bgr24', limited)).toBe('rgba');
  expect(acceptedFormats('pal8', limited)).toBe('rgba');
  expect(acceptedFormats('yuv420p10le', limited)).toBe('yuv420p|yuv422p|yuv444p');
  expect(acceptedFormats('yuv420p', { ...limited, isOdd: true })).toBe('yuv444p');
  expect(acceptedFormats('yuvj422p', { isFullRange: true, isOdd: false })).toBe('yuvj420p|yuvj422p|yuvj444p');
});
