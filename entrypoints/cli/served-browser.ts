import type { ServedVideo } from '../../models/evaluation/commanded-run.ts';
import type { EngineOptions } from '../../models/evaluation/evaluate-videos.ts';
import { DetectorError, isDetectorError } from '../../utils/domain/errors.ts';
import { openEvaluationBrowser } from './evaluation-browser.ts';
import type { EvaluationBrowser, JudgedVideo } from './evaluation-browser.ts';
import type { ModelFolder } from './model-folders.ts';

/** Failures of the engine and not of the video: the next browser may not have them. */
const ENGINE_CODES: readonly string[] = ['model-invalid', 'host-lost', 'engine-ended', 'runtime-failed'];

export type ServedBrowserOptions = Pick<EngineOptions, 'device'> & {
  readonly models: readonly ModelFolder[];
  /** null for as many as suit the machine. */
  readonly jobs: number | null;
  /** Whether videos may be addresses. */
  readonly readsAddresses: boolean;
};

export type ServedBrowser = {
  /** Starts the browser where none runs. @returns how many videos it judges at the same time */
  readonly start: () => Promise<number>;
  /**
   * Judges a video, in a new browser if the last one has ended.
   * @throws AbortError; DetectorError where the browser or its engine has failed, and not the video
   */
  readonly judge: (
    served: ServedVideo,
    options: Parameters<EvaluationBrowser['judge']>[1],
    signal: AbortSignal,
  ) => Promise<JudgedVideo>;
  readonly close: () => Promise<void>;
};

type Opened = { readonly browser: EvaluationBrowser; readonly jobs: number };

/** A browser with installed networks for videos that come one by one. @param signal ends it, with what it is doing */
export function createServedBrowser(
  { models, device, jobs, readsAddresses }: ServedBrowserOptions,
  signal: AbortSignal,
): ServedBrowser {
  let current: Promise<Opened> | null = null;

  async function open(): Promise<Opened> {
    const browser = await openEvaluationBrowser(readsAddresses, signal);
    try {
      const modelIds: string[] = [];
      for (const { folder, description } of models) modelIds.push(await browser.install(folder, description));
      const engines = jobs ?? (await browser.suitableJobs(modelIds, device));
      await browser.serve({ jobs: engines, device });
      return { browser, jobs: engines };
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  async function getOpened(): Promise<Opened> {
    const opening = (current ??= open());
    try {
      return await opening;
    } catch (error) {
      if (current === opening) current = null;
      throw error;
    }
  }

  /** The videos that it was judging end with it. */
  async function drop(opened: Opened): Promise<void> {
    const last = await current?.catch(() => null);
    if (last === opened) current = null;
    await opened.browser.close();
  }

  return {
    start: async () => (await getOpened()).jobs,
    judge: async (served, options, videoSignal) => {
      const opened = await getOpened();
      try {
        const judged = await opened.browser.judge(served, options, videoSignal);
        if (judged.kind === 'failed' && ENGINE_CODES.includes(judged.failed.code)) {
          throw new DetectorError('engine-ended', `${judged.failed.code}: ${judged.failed.message}`);
        }
        return judged;
      } catch (error) {
        if (isDetectorError(error, 'engine-ended')) await drop(opened);
        throw error;
      }
    },
    close: async () => {
      const opened = await current?.catch(() => null);
      current = null;
      await opened?.browser.close();
    },
  };
}
