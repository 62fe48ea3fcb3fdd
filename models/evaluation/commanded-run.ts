import type { EvaluatedVideo, FailedVideo, FileStamp, PlannedVideo } from '../../utils/domain/evaluation.ts';
import type { EvaluationOptions } from './evaluate-videos.ts';

/** The fragment of the evaluate page's address with which the command line opens it. */
export const COMMAND_FRAGMENT = '#command';
/** The field that takes the command's files, by the browser's own protocol: no byte of them passes through the command. */
export const COMMAND_FILES_ID = 'command-files';
/** The function that the command puts into the page, see {@link CommandEvent}. */
export const COMMAND_REPORTER = 'reportToCommand';

/** Videos for the page to judge. The files of those without a `url` are in the field, in their order. */
export type CommandedRun = {
  readonly videos: readonly {
    readonly video: PlannedVideo;
    readonly stamp: FileStamp;
    readonly url: string | null;
    /** Of a folder of pictures: their numbers, each with a file of its own. null of an address and of a video file. */
    readonly frameNumbers: readonly number[] | null;
  }[];
  readonly options: EvaluationOptions;
};

/** Reported as it happens. A result counts as kept once the command has answered. */
export type CommandEvent =
  | { readonly kind: 'done'; readonly evaluated: EvaluatedVideo }
  | { readonly kind: 'failed'; readonly failed: FailedVideo }
  | { readonly kind: 'progress'; readonly path: string; readonly framesScanned: number };

export type InstalledByCommand =
  | { readonly kind: 'installed'; readonly modelIds: readonly string[] }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/** What the page does for the command, as its global `commands`. */
export type EvaluationCommands = {
  /** Installs the network whose folder's files are in the field. */
  readonly install: () => Promise<InstalledByCommand>;
  /** Resolves when every video has ended. */
  readonly run: (commanded: CommandedRun) => Promise<void>;
  /** Engines that suit this machine. */
  readonly suitableJobs: (
    modelIds: readonly string[],
    device: EvaluationOptions['device'],
  ) => Promise<number>;
};
