import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { encode } from 'fast-png';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { HistoryEntry } from '../../utils/domain/scan.ts';
import { pathOf } from '../fixtures/files/pattern.ts';
import { encryptWebm } from '../fixtures/videos/encrypt-webm.ts';
import { TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { TEST_VIDEO_DURATION_SECONDS } from '../fixtures/videos/scenes.ts';
import { sharedPath } from '../support/shared-folder.ts';
import { startSite, type Site } from '../support/site/server.ts';
import { GENCONVIT } from '../../models/detectors/genconvit/genconvit.ts';
import { bandsFor } from '../../utils/domain/calibration.ts';
import { startWorld, type World } from '../support/world.ts';

const odd = sharedPath('cases/videos/media', 'files that once failed');

let world: World;
let page: Page;
/** Files that any page may read. */
let open: Site;
/** Files that no page may read. */
let closed: Site;
/** Also contains `encrypted.webm`, whose key only a player would get. */
let folder: string;

beforeAll(async () => {
  const folders = { '/videos/': TEST_VIDEO_FOLDER };
  folder = await mkdtemp(join(tmpdir(), 'encrypted-'));
  const { bytes } = encryptWebm(await readFile(resolve(TEST_VIDEO_FOLDER, 'one-face.webm')));
  await writeFile(join(folder, 'encrypted.webm'), bytes);
  open = await startSite({ folders: { ...folders, '/encrypted/': folder }, isCors: true });
  closed = await startSite({ folders });
  world = await startWorld();
});
afterAll(async () => {
  await world.close();
  await open.close();
  await closed.close();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => page.close());

async function openCheckPage(fragment = ''): Promise<void> {
  page = await world.driver.extension.context.newPage();
  await page.goto(`${world.driver.extension.origin}/check.html${fragment}`);
}

/** The latest check's entry, once it is there. */
async function entryOf(title: string): Promise<HistoryEntry> {
  await page.getByRole('link', { name: 'Details' }).waitFor();
  let found: HistoryEntry | undefined;
  await expect
    .poll(async () => {
      found = (await world.driver.readHistory()).find((entry) => entry.title === title);
      return found;
    })
    .toBeDefined();
  return found!;
}

const result = (text: RegExp | string): Promise<void> =>
  page.getByRole('heading', { name: text }).waitFor({ timeout: 60_000 });

/** A second of silence: 8 bits, one channel, 8,000 samples a second. */
function silentWav(): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + 8000, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE(8000, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36);
  header.writeUInt32LE(8000, 40);
  return Buffer.concat([header, Buffer.alloc(8000, 128)]);
}

describe('a file', () => {
  test('is checked from its own frames, and the history has its name and no path', async () => {
    await openCheckPage();
    await page.getByLabel('Video file').setInputFiles(resolve(TEST_VIDEO_FOLDER, 'one-face.webm'));
    await result(/DEMO: means nothing/);
    const entry = await entryOf('one-face.webm');
    expect(entry).toMatchObject({
      pageUrl: 'file:///one-face.webm',
      fileUrl: null,
      report: { verdict: { framesAsked: 15, framesScanned: 15, framesUsed: 15 }, used: { source: 'source' } },
    });
    const times = entry.report.frameScores.map(({ mediaTimeSeconds }) => mediaTimeSeconds);
    // The first frame and the last, of 100 at 25 a second.
    expect([times[0], times.at(-1)].map((time) => Math.round(time! * 25))).toEqual([
      0,
      TEST_VIDEO_DURATION_SECONDS * 25 - 1,
    ]);
    expect(world.proxy.attempts()).toEqual([]);
  });

  test('that is strongly compressed is judged as such, and another one is not; both by the bands that the user has chosen', async () => {
    const { probe } = world.driver;
    await probe.evaluate('chrome.storage.local.set({ settings: { falseAlarmsOf100: 5 } })');
    for (const [name, isDoubted] of [
      ['squeezed-face.webm', true],
      ['one-face.mp4', false],
    ] as const) {
      await openCheckPage();
      await page.getByLabel('Video file').setInputFiles(resolve(TEST_VIDEO_FOLDER, name));
      await result(/DEMO: means nothing/);
      const { verdict, bands } = (await entryOf(name)).report;
      expect(bands).toEqual(bandsFor(GENCONVIT, 5));
      if (verdict.kind === 'refused') throw new Error(verdict.reason);
      // The text is a reason if the quality gate lets no verdict stand, else a doubt.
      const weaknesses = [...verdict.doubts, ...(verdict.reasons ?? []).map(({ code }) => code)];
      expect(weaknesses.includes('compressed')).toBe(isDoubted);
      if (isDoubted) await page.close();
    }
    await probe.evaluate('chrome.storage.local.remove("settings")');
  });

  test('without a video in it is refused, and says what can be opened', async () => {
    await openCheckPage();
    await page.getByLabel('Video file').setInputFiles({
      name: 'letter.mp4',
      mimeType: 'video/mp4',
      buffer: Buffer.from('no video at all'),
    });
    await result(/Picture can’t be read/);
    await page.getByText('Neither the browser nor FFmpeg').waitFor();
  });

  test('of a recorder, without its duration, is read to its end', async () => {
    await openCheckPage();
    await page.getByLabel('Video file').setInputFiles(resolve(TEST_VIDEO_FOLDER, 'recorded.webm'));
    await result(/DEMO: means nothing/);
    expect(await entryOf('recorded.webm')).toMatchObject({
      report: { verdict: { framesScanned: 15, framesUsed: 15 }, used: { source: 'source' } },
    });
  });

  test.skipIf(odd === undefined).each(['recorded.webm', 'sideways.mp4', 'lo.webm'])(
    'that once failed is judged: %s',
    async (name) => {
      await openCheckPage();
      await page.getByLabel('Video file').setInputFiles(join(odd!, name));
      await result(/DEMO: means nothing/);
      const { verdict } = (await entryOf(name)).report;
      if (verdict.kind === 'refused') throw new Error(verdict.reason);
      expect(verdict.framesUsed).toBeGreaterThan(12);
      expect(verdict.people.map(({ personId }) => personId)).toEqual([1]);
    },
  );

  test('that the browser can’t decode is decoded by FFmpeg, from the same places, and the report says so', async () => {
    await openCheckPage();
    await page.getByLabel('Video file').setInputFiles(pathOf('face.avi'));
    await result(/DEMO: means nothing/);
    const entry = await entryOf('face.avi');
    expect(entry.report).toMatchObject({
      verdict: { framesAsked: 15, framesScanned: 15, framesUsed: 15 },
      used: { source: 'ffmpeg' },
    });
    const times = entry.report.frameScores.map(({ mediaTimeSeconds }) => mediaTimeSeconds);
    // The first frame and the last, of 20 at 25 a second.
    expect(Math.round(25 * (times.at(-1)! - times[0]!))).toBe(19);
    expect(world.proxy.attempts()).toEqual([]);
  });

  test('of sound alone is reported as that, and not as unplayable', async () => {
    await openCheckPage();
    await page.getByLabel('Video file').setInputFiles({
      name: 'voice.wav',
      mimeType: 'audio/wav',
      buffer: silentWav(),
    });
    await result(/Picture can’t be read/);
    await page.getByText('There is sound in this file, but no picture.').waitFor();
  });

  test('that is encrypted is refused as protected', async () => {
    await openCheckPage();
    await page.getByLabel('Video file').setInputFiles(join(folder, 'encrypted.webm'));
    await result('Protected video');
    await page.getByText('the browser shows it to nobody but you').waitFor();
  });

  test('is released when the check is cancelled', async () => {
    await openCheckPage();
    await page.getByLabel('Video file').setInputFiles(resolve(TEST_VIDEO_FOLDER, 'one-face-1080p.mp4'));
    await page.getByRole('button', { name: 'Cancel' }).click();
    await result('Cancelled');
    await expect.poll(async () => (await world.driver.ask('getHostState', null)).activeScans).toBe(0);
  });
});

test('a folder of frames is checked as one video', async () => {
  const frames = join(folder, 'frames');
  await mkdir(frames);
  const data = new Uint8Array(320 * 240 * 3).fill(128);
  const png = encode({ width: 320, height: 240, data, channels: 3 });
  for (let number = 1; number <= 20; number++) await writeFile(join(frames, `${number}.png`), png);
  await writeFile(join(frames, 'notes.txt'), 'no picture');
  await openCheckPage();
  await page.getByLabel('Folder of frames').setInputFiles(frames);
  await result('No face to check');
  let entry: HistoryEntry | undefined;
  await expect
    .poll(async () => (entry = (await world.driver.readHistory()).find(({ title }) => title === 'frames')))
    .toBeDefined();
  expect(entry!.report).toMatchObject({
    verdict: { kind: 'refused', reason: 'no-face', framesScanned: 15 },
    used: { source: 'images' },
  });
});

describe('an address', () => {
  const type = async (address: string): Promise<void> => {
    await page.getByLabel(/Address of a video’s file/).fill(address);
    await page.getByRole('button', { name: 'Check', exact: true }).click();
  };

  test('whose server allows it is checked without any permission', async () => {
    await openCheckPage();
    await type(`${open.origin}/videos/another-face.mp4`);
    await result(/DEMO: means nothing/);
    expect(await entryOf('another-face.mp4')).toMatchObject({
      pageUrl: `${open.origin}/videos/another-face.mp4`,
      report: { used: { source: 'source' } },
    });
  });

  test('of encrypted video is refused as protected, and nothing is offered that would not help', async () => {
    await openCheckPage();
    await type(`${open.origin}/encrypted/encrypted.webm`);
    await result('Protected video');
    expect(await page.getByRole('button', { name: /Allow/ }).count()).toBe(0);
  });

  test('that is given in the popup is checked at once in a tab', async () => {
    page = await world.driver.extension.context.newPage();
    await page.goto(`${world.driver.extension.origin}/popup.html`);
    await page.getByLabel('Address of a video’s file').fill(`${open.origin}/videos/two-faces.mp4`);
    const [tab] = await Promise.all([
      world.driver.extension.context.waitForEvent('page'),
      page.getByRole('button', { name: 'Check', exact: true }).click(),
    ]);
    await page.close();
    page = tab;
    await result(/DEMO: means nothing/);
    expect(await entryOf('two-faces.mp4')).toMatchObject({ report: { used: { source: 'source' } } });
  });

  test('whose server does not allow it is refused, and its host can be allowed', async () => {
    await openCheckPage();
    await type(`${closed.origin}/videos/another-face.mp4`);
    await result(/Picture can’t be read/);
    await page.getByText('You can allow localhost').waitFor();
    await page.getByRole('button', { name: 'Allow localhost' }).waitFor();
  });

  test('that is no address is reported as such, and no permission is asked for', async () => {
    await openCheckPage();
    const before = (await world.driver.readHistory()).length;
    await type('javascript:alert(1)');
    await page.getByText('This is no address on the web').waitFor();
    expect(await world.driver.readHistory()).toHaveLength(before);
  });
});
