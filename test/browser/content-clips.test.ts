import { afterAll, beforeAll, expect, test } from 'vitest';
import { addFakeHost } from '../support/fake-host.ts';
import { startSite } from '../support/site/server.ts';
import type { Site } from '../support/site/server.ts';
import { launchChromium } from '../support/chromium.ts';
import type { RunningChromium } from '../support/chromium.ts';
import { sharedPath } from '../support/shared-folder.ts';
import { compareCut } from './cut-comparison.ts';

const clips = sharedPath('clips', 'sampling of unusual video files');

let site: Site;
let chromium: RunningChromium;

beforeAll(async () => {
  if (clips === undefined) return;
  site = await startSite({ pages: {}, folders: { '/clips/': clips } });
  chromium = await launchChromium();
  await addFakeHost(chromium.context);
}, 600_000);

afterAll(async () => {
  if (clips === undefined) return;
  await chromium.close();
  await site.close();
});

test
  .skipIf(clips === undefined)
  .each([
    'a_0017_fake_vp9.webm',
    'twofaces_h264.mp4',
    'x_rotated_meta_h264.mp4',
    'x_nonsquare_sar_h264.mp4',
    'x_1frame_h264.mp4',
  ])('%s is sent as it is shown, pixel for pixel', async (name) => {
  const { sizes, last, differentPixels } = await compareCut(chromium, site.origin, `/clips/${name}`);
  const [sent, [width, height] = []] = sizes;
  expect(last).toBe('end');
  expect(sent?.slice(0, 2)).toEqual([width, height]);
  const longest = Math.max(width!, height!);
  expect(Math.max(...sent!.slice(2))).toBe(Math.min(640, longest));
  expect(differentPixels).toBe(0);
});

test.skipIf(clips === undefined).each(['corrupt_garbage.mp4', 'x_audio_only.m4a'])(
  '%s has no picture: a refusal, not a wait',
  async (name) => {
    const { sizes, last } = await compareCut(chromium, site.origin, `/clips/${name}`);
    expect(last).toBe('refuse');
    expect(sizes).toHaveLength(1);
  },
);
