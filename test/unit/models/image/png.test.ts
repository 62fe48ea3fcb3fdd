import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../../../models/checkpoint/read/crc32.ts';
import { decodePng } from '../../../../models/image/png.ts';
import type { RgbImage } from '../../../../models/image/raster-image.ts';
import { sharedPath } from '../../../support/shared-folder.ts';

const folder = sharedPath('cases/png', 'images that were refused or misread once');

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(data.byteLength);
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(crc32(body));
  return Buffer.concat([head, body, tail]);
}

const SIDE = 3;
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function header({ colourType = 2, depth = 8, interlace = 0, width = SIDE, height = SIDE } = {}): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set([depth, colourType, 0, 0, interlace], 8);
  return chunk('IHDR', data);
}

/** Rows without a filter: 1, 2, 3 … */
function rows(channels: number): Buffer {
  return Buffer.concat(
    Array.from({ length: SIDE }, (_, row) =>
      Buffer.from([
        0,
        ...Array.from({ length: SIDE * channels }, (__, at) => row * SIDE * channels + at + 1),
      ]),
    ),
  );
}

const END = chunk('IEND', new Uint8Array(0));
const PIXELS = rows(3);
const png = (...chunks: readonly Buffer[]): Buffer => Buffer.concat([SIGNATURE, ...chunks]);
const data = (pixels: Uint8Array): Buffer => chunk('IDAT', deflateSync(pixels));
const PLAIN = png(header(), data(PIXELS), END);
const decode = async (bytes: Uint8Array): Promise<RgbImage> =>
  await decodePng(new Uint8Array(bytes), 'x.png');
const COUNTED = Array.from({ length: 27 }, (_, index) => index + 1);

describe('decodePng', () => {
  it.each<[string, Buffer]>([
    ['plain', PLAIN],
    [
      'in several parts',
      png(header(), ...splitIn3(deflateSync(PIXELS)).map((part) => chunk('IDAT', part)), END),
    ],
    ['with a suggested palette', png(header(), chunk('PLTE', Buffer.from([9, 9, 9])), data(PIXELS), END)],
    [
      'with a palette that no reader takes',
      png(header(), chunk('PLTE', Buffer.from([9, 9])), data(PIXELS), END),
    ],
    ['with a transparent colour', png(header(), chunk('tRNS', Buffer.alloc(6)), data(PIXELS), END)],
    [
      'with a broken colour profile',
      png(header(), chunk('iCCP', Buffer.from('x\0\0junk')), data(PIXELS), END),
    ],
    ['with bytes behind it', Buffer.concat([PLAIN, Buffer.from('more')])],
  ])('reads an RGB image %s', async (_what, bytes) => {
    const image = await decode(bytes);
    expect(image).toMatchObject({ width: SIDE, height: SIDE, channels: 3 });
    expect([...image.data]).toEqual(COUNTED);
  });

  it('leaves alpha out, and puts an interlaced image together', async () => {
    const alpha = await decode(png(header({ colourType: 6 }), data(rows(4)), END));
    expect([...alpha.data].slice(0, 6)).toEqual([1, 2, 3, 5, 6, 7]);
    // Passes 1, 4 (column 2), 5 (row 2), 6 (column 1) and 7 (row 1) of a picture of 3 by 3.
    const at = (x: number, y: number): number[] => [1, 2, 3].map((value) => 9 * y + 3 * x + value);
    const passes = [
      [0, ...at(0, 0)],
      [0, ...at(2, 0)],
      [0, ...at(0, 2), ...at(2, 2)],
      [0, ...at(1, 0)],
      [0, ...at(1, 2)],
      [0, ...at(0, 1), ...at(1, 1), ...at(2, 1)],
    ];
    const interlaced = png(header({ interlace: 1 }), data(Buffer.from(passes.flat())), END);
    expect([...(await decode(interlaced)).data]).toEqual(COUNTED);
    const short = png(header({ interlace: 1 }), data(Buffer.from(passes.flat().slice(0, -1))), END);
    await expect(decode(short)).rejects.toThrow(/expected 33 bytes of pixels, found 32/);
  });

  it.each<[string, RegExp, Buffer]>([
    [
      'a last row that is short',
      /damaged: expected 30 bytes of pixels, found 29/,
      png(header(), data(PIXELS.subarray(0, -1)), END),
    ],
    [
      'a row too many',
      /damaged: expected 30 bytes of pixels, found more/,
      png(header(), data(Buffer.concat([PIXELS, PIXELS])), END),
    ],
    [
      'a stream that is cut off',
      /can’t be inflated/,
      png(header(), chunk('IDAT', deflateSync(PIXELS).subarray(0, -5)), END),
    ],
    [
      'a wrong sum of its pixels',
      /can’t be inflated/,
      png(header(), chunk('IDAT', flipped(deflateSync(PIXELS))), END),
    ],
    [
      'a wrong checksum',
      /can’t be decoded/,
      PLAIN.map((byte, at) => (at === PLAIN.length - 13 ? byte ^ 1 : byte)) as Buffer,
    ],
    [
      'a filter that does not exist',
      /can’t be decoded/,
      png(header(), data(Buffer.concat([Buffer.from([5]), PIXELS.subarray(1)])), END),
    ],
    ['no end', /it ends early/, PLAIN.subarray(0, -12)],
    [
      'two headers',
      /header is not where it has to be/,
      png(header(), header({ height: 9 }), data(PIXELS), END),
    ],
    ['no header', /header is not where it has to be/, png(data(PIXELS), END)],
    [
      'pixels in two places',
      /in several places/,
      png(header(), data(PIXELS), chunk('tEXt', Buffer.from('a\0b')), data(PIXELS), END),
    ],
    [
      'an unknown part that matters',
      /only another reader knows/,
      png(header(), chunk('ABCD', Buffer.alloc(1)), data(PIXELS), END),
    ],
    [
      'a palette for its pixels',
      /must be an RGB image of 8 bits a channel, found indexed of 8 bits/,
      png(header({ colourType: 3 }), END),
    ],
    ['sixteen bits', /found RGB of 16 bits/, png(header({ depth: 16 }), END)],
    ['a side of a million', /is too large: 3×1000000 pixels/, png(header({ height: 1e6 }), END)],
    ['another signature', /x\.png is no PNG image$/, Buffer.from('GIF89a')],
  ])('refuses %s', async (_what, message, bytes) => {
    const promise = decode(bytes);
    await expect(promise).rejects.toMatchObject({ code: 'image-invalid' });
    await expect(promise).rejects.toThrow(message);
  });

  it.skipIf(folder === undefined)('reads the images that were misread once as they are', async () => {
    const read = async (name: string) => await decode(readFileSync(join(folder!, name)));
    expect(await read('rgb_plte_suggested.png')).toMatchObject({ width: 64, height: 64 });
    await expect(read('short_by_192.png')).rejects.toThrow(
      /damaged: expected 12352 bytes of pixels, found 12160/,
    );
  });
});

function splitIn3(bytes: Uint8Array): readonly Uint8Array[] {
  return [bytes.subarray(0, 5), bytes.subarray(5, 6), bytes.subarray(6)];
}

/** The file with another last byte, which belongs to the checksum. */
function flipped(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte));
}
