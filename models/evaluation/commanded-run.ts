import type { GraphDevice } from '../../utils/domain/model.ts';
import type { ScanReport } from '../../utils/domain/report.ts';
import type { EvaluatedVideo, FailedVideo, FileStamp, PlannedVideo } from '../../utils/domain/evaluation.ts';
import type { ExtractedFace } from '../scan/extract-faces.ts';
import type { EngineOptions, EvaluationOptions, NextVideo } from './evaluate-videos.ts';
import type { ExtractionEvent, ExtractionOptions } from './extract-videos.ts';

/** The fragment of the evaluate page's address with which the command line opens it. */
export const COMMAND_FRAGMENT = '#command';
/** The field that takes the command's files, by the browser's own protocol: no byte of them passes through the command. */
export const COMMAND_FILES_ID = 'command-files';
/** The function that the command puts into the page, see {@link CommandEvent}. */
export const COMMAND_REPORTER = 'reportToCommand';

/** A video for the page to judge. */
export type CommandedVideo = {
  readonly video: PlannedVideo;
  readonly stamp: FileStamp;
  readonly url: string | null;
  /** Of a folder of pictures: their numbers, each with a file of its own. null of an address and of a video file. */
  readonly frameNumbers: readonly number[] | null;
};

/** The files of the videos without a `url` are in the field, in their order. */
export type CommandedRun = {
  readonly videos: readonly CommandedVideo[];
  readonly options: EvaluationOptions;
};

/** Videos for the page to cut the faces of. Files as of {@link CommandedRun}. */
export type CommandedExtraction = {
  readonly videos: readonly CommandedVideo[];
  readonly options: ExtractionOptions;
};

/** Reported as it happens, with a face's RGB bytes in Base64: the browser's protocol is JSON. */
export type ExtractionReport =
  | Exclude<ExtractionEvent, { readonly kind: 'face' }>
  | {
      readonly kind: 'face';
      readonly path: string;
      readonly face: Omit<ExtractedFace, 'picture'> & { readonly rgb: string };
    };

/** Reported as it happens. A result counts as kept once the command has answered. */
export type CommandEvent =
  | { readonly kind: 'done'; readonly evaluated: EvaluatedVideo }
  | { readonly kind: 'failed'; readonly failed: FailedVideo }
  | { readonly kind: 'progress'; readonly path: string; readonly framesScanned: number };

/** A video for engines that stay, see {@link EvaluationCommands.serve}. Its `path` names it until its end. */
export type ServedVideo = CommandedVideo & Pick<NextVideo, 'settings'>;

export type ServedEvent = CommandEvent | { readonly kind: 'stopped'; readonly path: string };

export type InstalledByCommand =
  | { readonly kind: 'installed'; readonly modelIds: readonly string[] }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/** What the page does for the command, as its global `commands`. */
export type EvaluationCommands = {
  /** Installs the network whose folder's files are in the field. */
  readonly install: () => Promise<InstalledByCommand>;
  /** Resolves when every video has ended. */
  readonly run: (commanded: CommandedRun) => Promise<void>;
  /** Resolves when every video has ended. */
  readonly extract: (commanded: CommandedExtraction) => Promise<void>;
  /** Starts engines that stay and judge what `judge` gives them. Each end is reported. */
  readonly serve: (options: EngineOptions) => void;
  /** Takes one more video, whose files are in the field. It waits for a free engine. */
  readonly judge: (served: ServedVideo) => void;
  /** Ends a video that waits or is judged, which is then reported as stopped. */
  readonly stop: (path: string) => void;
  /** Where these models run, by their self-tests. */
  readonly testedDevices: (modelIds: readonly string[]) => Promise<readonly GraphDevice[]>;
  /** A report as a page by itself, which the details page of the extension saves. @param title the video's name */
  readonly renderReport: (report: ScanReport, title: string) => Promise<string>;
  /** Engines that suit this machine. */
  readonly suitableJobs: (
    modelIds: readonly string[],
    device: EvaluationOptions['device'],
  ) => Promise<number>;
};
