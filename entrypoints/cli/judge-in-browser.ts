import type { CommandedVideo } from '../../models/evaluation/commanded-run.ts';
import type { EvaluationSettings } from '../../utils/domain/evaluation.ts';
import { openEvaluationBrowser } from './evaluation-browser.ts';
import type { PendingVideo, VideoExecutor } from './judge-videos.ts';
import { filesOf } from './list-videos.ts';
import type { ModelFolder } from './model-folders.ts';

/** More browsers' Workers than any machine has cores for. */
export const MAX_JOBS = 256;

/** The video as the page is told of it. */
export function commandedVideo({ video, origin }: PendingVideo): CommandedVideo {
  return {
    video,
    stamp: origin.stamp,
    url: origin.kind === 'address' ? origin.url : null,
    frameNumbers: origin.kind === 'frames' ? origin.frames.map(({ number }) => number) : null,
  };
}

/** Judges videos in a browser of this process, which is closed at the end. */
export function createBrowserExecutor({
  models,
  settings,
  jobs,
}: {
  readonly models: readonly ModelFolder[];
  readonly settings: EvaluationSettings;
  /** null for as many as suit the machine. */
  readonly jobs: number | null;
}): VideoExecutor {
  return async (videos, onEvent, signal) => {
    const hasAddress = videos.some(({ origin }) => origin.kind === 'address');
    const browser = await openEvaluationBrowser(hasAddress, signal);
    try {
      for (const { folder, description } of models) await browser.install(folder, description);
      const suitable = jobs ?? (await browser.suitableJobs(settings.modelIds, settings.device));
      const options = { ...settings, jobs: Math.min(videos.length, suitable) };
      const files = videos.flatMap(({ origin }) => filesOf(origin));
      const given = videos.map(commandedVideo);
      await browser.run({ videos: given, options }, files, onEvent);
    } finally {
      await browser.close();
    }
  };
}
