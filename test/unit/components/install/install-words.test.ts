import { expect, test } from 'vitest';
import {
  announcementOf,
  installTitle,
  progressOf,
  progressWords,
  waitWords,
} from '../../../../components/install/install-words.ts';
import { downloadingState, failedState } from '../../../fixtures/installs/installs.ts';

const NOW = 1_000_000;

test('says bytes, speed and time left, and only bytes while the pace is unknown', () => {
  const progress = { doneByteLength: 45e6, totalByteLength: 121e6, bytesPerSecond: 4e6 };
  expect(progressWords(progress)).toBe('45 MB of 121 MB · 4.0 MB a second · about 20 seconds left');
  expect(progressWords({ ...progress, bytesPerSecond: null })).toBe('45 MB of 121 MB');
  expect(progressWords({ ...progress, bytesPerSecond: 0 })).toBe('45 MB of 121 MB');
});

test('never says that a negative time is left', () => {
  const words = progressWords({ doneByteLength: 122e6, totalByteLength: 121e6, bytesPerSecond: 4e6 });
  expect(words).toBe('122 MB of 121 MB · 4.0 MB a second · a few seconds left');
});

test('counts the networks only where there are several', () => {
  expect(installTitle(downloadingState())).toBe('Downloading GenConViT ED');
  expect(installTitle(downloadingState({ title: 'GenConViT VAE', step: 2, steps: 2 }))).toBe(
    'Downloading GenConViT VAE (2 of 2)',
  );
});

test('has no title and no progress if no installation runs', () => {
  for (const state of [{ kind: 'idle' }, failedState('internal')] as const) {
    expect(installTitle(state)).toBeNull();
    expect(progressOf(state)).toBeNull();
    expect(announcementOf(state)).toBe('');
  }
});

test.each([
  [12_000, 'in 12 seconds'],
  [1_000, 'in a second'],
  [11_001, 'in 12 seconds'],
  [0, 'now'],
  [-5_000, 'now'],
  [99_000, 'in 99 seconds'],
  [180_000, 'in about 3 minutes'],
])('counts down: after %d ms the download goes on %s', (milliseconds, words) => {
  expect(waitWords({ reason: 'broken', until: NOW + milliseconds }, NOW)).toBe(
    `The connection broke off. The download goes on ${words}.`,
  );
});

test('tells the three reasons to wait apart, and counts nothing down while offline', () => {
  const words = (['offline', 'busy', 'broken'] as const).map((reason) =>
    waitWords({ reason, until: NOW + 5000 }, NOW),
  );
  expect(new Set(words).size).toBe(3);
  expect(words[0]).not.toMatch(/\d/);
});

test('announces each quarter once, not every byte', () => {
  const said = Array.from({ length: 1001 }, (_, index) =>
    announcementOf(
      downloadingState({
        progress: { doneByteLength: index, totalByteLength: 1000, bytesPerSecond: 10 },
      }),
    ),
  );
  expect([...new Set(said)]).toEqual([
    'Downloading GenConViT ED',
    'Downloading GenConViT ED. A quarter is done',
    'Downloading GenConViT ED. Half is done',
    'Downloading GenConViT ED. Three quarters are done',
    'Downloading GenConViT ED. All of it is done',
  ]);
});

test('announces why a download waits, and not each second of it', () => {
  const at = (until: number): string => announcementOf(downloadingState({ wait: { reason: 'busy', until } }));
  expect(at(1)).toBe(at(9_999_999));
  expect(at(1)).toContain('waits');
});
