import { decode } from 'fast-png';
import { strFromU8, unzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { zipCrops } from '../../../../entrypoints/report/crops-section.tsx';
import type { Crop, LoadedScan } from '../../../../entrypoints/report/load-report.ts';
import { cropFileName } from '../../../../utils/domain/bundle.ts';
import { ED_MODEL, frameScores, reportOf, verdictOf } from '../../../fixtures/scans/scans.ts';

const SIDE = 8;

function cropOf(index: number): Crop {
  const data = Uint8ClampedArray.from({ length: SIDE * SIDE * 4 }, (_, byte) =>
    byte % 4 === 3 ? 255 : (byte * 31 + index * 7) % 256,
  );
  // Node has no ImageData; the archive reads these fields only.
  const picture = {
    width: SIDE,
    height: SIDE,
    data,
    colorSpace: 'srgb',
    pixelFormat: 'rgba-unorm8',
  } as const;
  return { ...frameScores(1, 0.8)[index]!, logits: { ed: [1.5, -1.25] }, picture };
}

const LOADED: LoadedScan = {
  scanId: 'scan',
  title: 'Interview',
  pageUrl: 'https://example.com/',
  at: 0,
  report: reportOf(verdictOf(0.8)),
  crops: [],
};

test('keeps every pixel, and the order by name is the order of the scan', () => {
  const crops = Array.from({ length: 12 }, (_, index) => cropOf(index));
  const files = unzipSync(zipCrops(LOADED, crops));
  const names = Object.keys(files).filter((name) => name.endsWith('.png'));
  expect(names.toSorted()).toEqual(crops.map(cropFileName));
  for (const [index, crop] of crops.entries()) {
    const { width, height, channels, depth, data } = decode(files[cropFileName(crop, index)]!);
    expect({ width, height, channels, depth }).toEqual({ width: SIDE, height: SIDE, channels: 3, depth: 8 });
    const rgb = crop.picture.data.filter((_, byte) => byte % 4 !== 3);
    expect(Array.from(data)).toEqual(Array.from(rgb));
  }
});

test('tells in scan.json which model gave each crop its score', () => {
  const files = unzipSync(zipCrops(LOADED, [cropOf(0)]));
  expect(JSON.parse(strFromU8(files['scan.json']!))).toMatchObject({
    model: { modelId: ED_MODEL.modelId },
    verdict: { score: 0.8 },
    crops: [{ file: '001-frame-0000-person-1.png', logits: { ed: [1.5, -1.25] } }],
  });
});
