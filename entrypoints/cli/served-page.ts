import type { Page } from 'playwright-core';
import { COMMAND_FILES_ID } from '../../models/evaluation/commanded-run.ts';
import type { CommandEvent, ServedEvent, ServedVideo } from '../../models/evaluation/commanded-run.ts';
import type { EngineOptions } from '../../models/evaluation/evaluate-videos.ts';
import type { ScanReport } from '../../utils/domain/report.ts';
import { createSerialQueue } from '../../utils/domain/serial-queue.ts';

/** An engine that is stopped ends within a frame, which takes a second or two; a page that says nothing has hung. */
const STOP_MILLISECONDS = 10_000;

/** A video's end: with a report, or with a failure that is the video's own. */
export type JudgedVideo = Exclude<CommandEvent, { readonly kind: 'progress' }>;

export type ServedVideoOptions = {
  /** Of the video on the disk; none of an address. */
  readonly files: readonly string[];
  readonly onFrame?: (framesScanned: number) => void;
};

export type ServedPage = {
  /** Starts engines that stay, for `judge`. */
  readonly serve: (options: EngineOptions) => Promise<void>;
  /**
   * Judges one video when an engine is free.
   * @throws AbortError; DetectorError `engine-ended` with the browser
   */
  readonly judge: (
    served: ServedVideo,
    options: ServedVideoOptions,
    signal: AbortSignal,
  ) => Promise<JudgedVideo>;
  /** A report as a page by itself, in the words of the browser's language. @param title the video's name */
  readonly renderReport: (report: ScanReport, title: string) => Promise<string>;
};

export type ServedPageDeps = {
  readonly page: Page;
  /** Rejects when the browser ends before the work. */
  readonly whileOpen: <T>(work: Promise<T>) => Promise<T>;
  /** Ends the browser for a reason. */
  readonly end: (reason: string) => void;
  readonly listen: (listener: (event: ServedEvent) => void) => void;
};

/** Gives the evaluate page videos one by one. */
export function createServedPage({ page, whileOpen, end, listen }: ServedPageDeps): ServedPage {
  const watchers = new Map<string, (event: ServedEvent) => void>();
  /** The page has one field for files, which holds one video's at a time. */
  const field = createSerialQueue();
  let videos = 0;
  return {
    serve: async (options) => {
      listen((event) => watchers.get(pathOf(event))?.(event));
      await whileOpen(page.evaluate(`commands.serve(${JSON.stringify(options)})`));
    },
    renderReport: (report, title) =>
      whileOpen(page.evaluate(`commands.renderReport(${JSON.stringify(report)}, ${JSON.stringify(title)})`)),
    judge: async (served, { files, onFrame }, signal) => {
      signal.throwIfAborted();
      const { video } = served;
      // Two runs may have videos of the same path.
      const path = String(videos++);
      const ended = Promise.withResolvers<JudgedVideo>();
      ended.promise.catch(() => undefined);
      watchers.set(path, (event) => {
        switch (event.kind) {
          case 'done':
            ended.resolve({ kind: 'done', evaluated: { ...event.evaluated, video } });
            return;
          case 'failed':
            ended.resolve({ kind: 'failed', failed: { ...event.failed, video } });
            return;
          case 'stopped':
            ended.reject(signal.reason as Error);
            return;
          case 'progress':
            onFrame?.(event.framesScanned);
            return;
          default:
            event satisfies never;
        }
      });
      let timer: NodeJS.Timeout | undefined;
      const stop = (): void => {
        timer = setTimeout(() => end('the page does not answer'), STOP_MILLISECONDS);
        whileOpen(page.evaluate(`commands.stop('${path}')`)).catch(ended.reject);
      };
      try {
        await field.run(async () => {
          await whileOpen(page.setInputFiles(`#${COMMAND_FILES_ID}`, [...files], { timeout: 0 }));
          const given = { ...served, video: { ...video, path } };
          await whileOpen(page.evaluate(`commands.judge(${JSON.stringify(given)})`));
        }, signal);
        signal.addEventListener('abort', stop);
        if (signal.aborted) stop();
        return await whileOpen(ended.promise);
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        watchers.delete(path);
      }
    },
  };
}

function pathOf(event: ServedEvent): string {
  switch (event.kind) {
    case 'done':
      return event.evaluated.video.path;
    case 'failed':
      return event.failed.video.path;
    case 'progress':
    case 'stopped':
      return event.path;
    default:
      return event satisfies never;
  }
}
