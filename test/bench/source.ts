/**
 * Measures how many bytes a check of a two-hour file of two gigabytes reads: `npm run bench:source`. Prints one line of
 * JSON and fails if it is more than the aim.
 */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { framePositions } from '../../models/frames/file-source.ts';
import { buildExtension } from '../support/extension.ts';
import { startWorld } from '../support/world.ts';
import { ensureTestVideos } from '../fixtures/videos/make-videos.ts';
import { TEST_VIDEO_FRAMES_PER_SECOND } from '../fixtures/videos/scenes.ts';
import { writeLongFilm } from './long-film.ts';
import { serveByRange } from './range-server.ts';

const AIM_BYTES = 60e6;
const FRAMES = 15;
/** A fast home connection. */
const LINE_BITS_PER_SECOND = 100e6;

const videos = await ensureTestVideos();
await buildExtension();
const folder = await mkdtemp(join(tmpdir(), 'film-'));
try {
  const path = join(folder, 'film.mp4');
  const frameCount = 7200 * TEST_VIDEO_FRAMES_PER_SECOND;
  const places = framePositions(frameCount, FRAMES).map((frame) => frame / TEST_VIDEO_FRAMES_PER_SECOND);
  const film = await writeLongFilm(
    path,
    await readFile(videos['another-face.mp4'].path),
    TEST_VIDEO_FRAMES_PER_SECOND,
    places,
  );
  const server = await serveByRange(path, LINE_BITS_PER_SECOND);
  const world = await startWorld();
  try {
    const { context, origin } = world.driver.extension;
    const page = await context.newPage();
    const startedAt = performance.now();
    await page.goto(`${origin}/check.html#${encodeURIComponent(server.url)}`);
    // Any final state is enough, since a refused check has no details.
    await page.getByRole('button', { name: 'Check again' }).waitFor({ timeout: 120_000 });
    const milliseconds = performance.now() - startedAt;
    const [entry] = await world.driver.readHistory();
    const expected = framePositions(frameCount, FRAMES);
    const looked = entry?.report.frameScores.map(({ mediaTimeSeconds }) =>
      Math.round(mediaTimeSeconds * TEST_VIDEO_FRAMES_PER_SECOND),
    );
    const bytesRead = server.bytesSent();
    console.log(
      JSON.stringify({
        file: { ...film, bytesOnDisk: (await stat(path)).blocks * 512 },
        way: entry?.report.used.source,
        framesJudged: looked?.length,
        areTheOriginalsFrames: JSON.stringify(looked) === JSON.stringify(expected),
        bytesRead,
        bytesAFrame: Math.round(bytesRead / FRAMES),
        requests: server.requests(),
        seconds: Math.round(milliseconds / 100) / 10,
        lineBitsPerSecond: LINE_BITS_PER_SECOND,
        aimBytes: AIM_BYTES,
      }),
    );
    if (bytesRead > AIM_BYTES || looked?.length !== FRAMES) process.exitCode = 1;
  } finally {
    await world.close();
    await server.close();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
