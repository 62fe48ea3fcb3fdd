import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/**
 * The files that take longest, longest first. Vitest would begin with the largest ones where it has not seen the files run:
 * a slow one that begins last keeps one worker busy while the others have nothing to do.
 */
const SLOWEST = [
  'unit/models/detectors/genconvit/parity-quantised',
  'unit/models/detectors/genconvit/parity-vae',
  'unit/entrypoints/cli/commands',
  'unit/models/detectors/genconvit/parity',
  'unit/models/scan/early-stop',
  'unit/entrypoints/cli/published-twin',
  'unit/models/evidence/check-bundle',
  'unit/models/frames/ffmpeg-video',
  'browser/host',
  'browser/badge-places',
  'browser/engine-worker',
  'browser/pages',
  'browser/download-faults',
  'browser/screen-place',
  'browser/welcome-page',
  'browser/content-frames',
  'browser/content-scan',
  'browser/history-page',
  'browser/face-boxes',
  'browser/badge-secrecy',
  'browser/download',
  'browser/content-finding',
  'e2e/predict',
  'e2e/badge-lifecycle',
  'e2e/badge-feed',
  'e2e/ways',
  'e2e/screen',
  'e2e/badge-checks',
  'e2e/badge-switch',
  'e2e/lifecycle',
  'e2e/verdicts',
  'e2e/check-file',
  'e2e/ways-in',
  'e2e/installation',
  'e2e/first-run',
  'e2e/odd-pages',
].map((name) => `/test/${name}.test.ts`);

function rankOf({ moduleId }: TestSpecification): number {
  const place = SLOWEST.findIndex((ending) => moduleId.endsWith(ending));
  return place === -1 ? SLOWEST.length : place;
}

/** Starts {@link SLOWEST} first; the others keep Vitest's order. */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}
