import { open } from 'node:fs/promises';
import type { CommandEvent } from '../../models/evaluation/commanded-run.ts';
import { formatReportLine, predictionOf } from '../../models/evaluation/result-files.ts';
import type { RunResults } from '../../models/evaluation/result-files.ts';
import { settingsKeyOf } from '../../utils/domain/evaluation.ts';
import type {
  EvaluatedVideo,
  EvaluationSettings,
  FailedVideo,
  PlannedVideo,
} from '../../utils/domain/evaluation.ts';
import type { VideoOrigin } from './list-videos.ts';
import type { OutputFiles } from './output-files.ts';
import { writeWhole } from './output-files.ts';
import { createProgress } from './progress.ts';

/** A video that is to be judged, and where it lies. */
export type PendingVideo = { readonly video: PlannedVideo; readonly origin: VideoOrigin };

/**
 * Judges videos: this machine's browser, or the workers of a queue. Resolves when all have ended. What `onEvent` does with a
 * report is awaited before the video counts as judged.
 * @throws AbortError; DetectorError where the run can't go on
 */
export type VideoExecutor = (
  videos: readonly PendingVideo[],
  onEvent: (event: CommandEvent) => Promise<void>,
  signal: AbortSignal,
) => Promise<void>;

export type VideoRun = {
  /** In the order of the results. */
  readonly videos: readonly PlannedVideo[];
  /** Of all videos, by path. */
  readonly origins: ReadonlyMap<string, VideoOrigin>;
  readonly settings: EvaluationSettings;
  readonly files: OutputFiles;
  /** Not called where every video is known from an earlier run. */
  readonly execute: VideoExecutor;
};

/** Judges the videos that no earlier run has judged, and appends each report. @throws as {@link VideoExecutor} */
export async function judgeVideos(
  { videos, origins, settings, files, execute }: VideoRun,
  signal: AbortSignal,
): Promise<RunResults> {
  const settingsKey = settingsKeyOf(settings);
  const evaluated = new Map<string, EvaluatedVideo>();
  for (const each of files.known) {
    const stamp = origins.get(each.video.path)?.stamp;
    const isSame = stamp?.byteLength === each.stamp.byteLength && stamp.modifiedAt === each.stamp.modifiedAt;
    if (isSame && each.settingsKey === settingsKey) evaluated.set(each.video.path, each);
  }
  const pending = videos.filter(({ path }) => !evaluated.has(path));
  const failed = new Map<string, FailedVideo>();
  // Without the lines that are cut off or of other settings.
  const kept = videos.flatMap(({ path }) => evaluated.get(path) ?? []);
  await writeWhole(files.reports, kept.map(formatReportLine).join(''));
  if (pending.length > 0) {
    const reports = await open(files.reports, 'a');
    const progress = createProgress(videos.length, kept.length);
    const onEvent = async (event: CommandEvent): Promise<void> => {
      switch (event.kind) {
        case 'done': {
          const { path } = event.evaluated.video;
          await reports.appendFile(formatReportLine(event.evaluated));
          evaluated.set(path, event.evaluated);
          progress.ended(path, outcomeText(event.evaluated));
          return;
        }
        case 'failed':
          failed.set(event.failed.video.path, event.failed);
          progress.ended(event.failed.video.path, event.failed.code);
          return;
        case 'progress':
          progress.sawFrame(event.path, event.framesScanned);
          return;
        default:
          event satisfies never;
      }
    };
    try {
      const given = pending.map((video) => ({ video, origin: origins.get(video.path)! }));
      await execute(given, onEvent, signal);
    } finally {
      progress.end();
      await reports.close();
    }
  }
  return {
    evaluated: videos.flatMap(({ path }) => evaluated.get(path) ?? []),
    failed: videos.flatMap((video) =>
      evaluated.has(video.path)
        ? []
        : [failed.get(video.path) ?? { video, code: 'engine-ended', message: 'the run ended before it' }],
    ),
  };
}

export function outcomeText({ report }: EvaluatedVideo): string {
  const prediction = predictionOf(report);
  if (prediction !== null) return `${prediction.label} ${prediction.score.toFixed(6)}`;
  return report.verdict.kind === 'refused' ? report.verdict.reason : '';
}
