import { expect, test } from 'vitest';
import { historyEntryOf } from '../../../../entrypoints/background/scan-records.ts';
import { createMatcher, summaryOf } from '../../../../utils/domain/history.ts';
import type { Scan } from '../../../../utils/domain/scan.ts';
import { finishedState, refusalOf, scanIn, verdictOf } from '../../../fixtures/scans/scans.ts';

const PICTURE = new Blob(['face'], { type: 'image/png' });
const WITHOUT_PICTURES = { keepFacePictures: false };
const keep = (scan: Scan) => historyEntryOf(scan, 1000, PICTURE, WITHOUT_PICTURES);

test('keeps a verdict with its model and frame scores', () => {
  const scan = scanIn(finishedState(verdictOf(0.82)));
  expect(keep(scan)).toMatchObject({
    scanId: scan.scanId,
    title: scan.video.title,
    pageUrl: scan.video.pageUrl,
    finishedAt: 1000,
    report: {
      verdict: { kind: 'likely-manipulated', score: 0.82 },
      used: { model: { modelId: 'ed-fp16-webgpu-0f3a5b9c21d4' } },
    },
  });
  expect(keep(scan)?.report.frameScores).toHaveLength(15);
});

test('keeps a face only where the user wants it', () => {
  const scan = scanIn(finishedState(verdictOf(0.82)));
  expect(keep(scan)?.facePicture).toBeNull();
  expect(historyEntryOf(scan, 1000, PICTURE, { keepFacePictures: true })?.facePicture).toBe(PICTURE);
});

test('keeps nothing from private windows', () => {
  expect(keep(scanIn(finishedState(verdictOf(0.82)), { isPrivate: true }))).toBeNull();
});

test('keeps automatic checks only if they say *likely manipulated*', () => {
  const isAutomatic = true;
  expect(keep(scanIn(finishedState(verdictOf(0.82)), { isAutomatic }))).not.toBeNull();
  expect(keep(scanIn(finishedState(verdictOf(0.5)), { isAutomatic }))).toBeNull();
  expect(keep(scanIn(finishedState(refusalOf('no-face')), { isAutomatic }))).toBeNull();
});

test('keeps refusals with their reason, except those without a network', () => {
  expect(keep(scanIn(finishedState(refusalOf('no-face'))))?.report.verdict).toMatchObject({
    reason: 'no-face',
  });
  expect(keep(scanIn(finishedState(refusalOf('model-missing'), null)))).toBeNull();
});

test('keeps no check that did not end', () => {
  expect(keep(scanIn({ kind: 'cancelled' }))).toBeNull();
  expect(keep(scanIn({ kind: 'failed', code: 'host-lost', message: '' }))).toBeNull();
  expect(keep(scanIn({ kind: 'running', framesScanned: 3, framesAsked: 15 }))).toBeNull();
});

test('keeps of a post in a feed the address at which it is found again, by its link and by the search', () => {
  const scan = scanIn(finishedState(verdictOf(0.82)), { isAutomatic: true });
  const inFeed = {
    ...scan.video,
    pageUrl: 'https://x.com/home',
    postUrl: 'https://x.com/someone/status/1789',
  };
  const entry = keep({ ...scan, video: inFeed });
  expect(entry?.pageUrl).toBe('https://x.com/someone/status/1789');
  expect(entry !== null && createMatcher('someone x.com')(summaryOf(entry))).toBe(true);
});
