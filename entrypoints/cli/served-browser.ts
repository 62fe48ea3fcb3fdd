import type { ServedVideo } from '../../models/evaluation/commanded-run.ts';
import type { EngineOptions } from '../../models/evaluation/evaluate-videos.ts';
import { DetectorError, isDetectorError } from '../../utils/domain/errors.ts';
import type { GraphDevice } from '../../utils/domain/model.ts';
import { openEvaluationBrowser } from './evaluation-browser.ts';
import type { EvaluationBrowser } from './evaluation-browser.ts';
import type { ModelFolder } from './model-folders.ts';
import type { JudgedVideo, ServedPage, ServedVideoOptions } from './served-page.ts';

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
  /** Starts the browser where none runs. */
  readonly start: () => Promise<StartedBrowser>;
  /**
   * Judges a video, in a new browser if the last one has ended.
   * @throws AbortError; DetectorError where the browser or its engine has failed, and not the video
   */
  readonly judge: (
    served: ServedVideo,
    options: ServedVideoOptions,
    signal: AbortSignal,
  ) => Promise<JudgedVideo>;
  /** @throws DetectorError `engine-ended` with the browser */
  readonly renderReport: ServedPage['renderReport'];
  readonly close: () => Promise<void>;
};

export type StartedBrowser = {
  /** How many videos it judges at the same time. */
  readonly jobs: number;
  /** Where the networks run. */
  readonly devices: readonly GraphDevice[];
  /** Resolves with the reason when it ends. */
  readonly ended: Promise<Error>;
};

type Opened = StartedBrowser & { readonly browser: EvaluationBrowser };

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
      const devices = device === null ? await browser.testedDevices(modelIds) : [device];
      return { browser, jobs: engines, devices, ended: browser.ended };
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
    start: async () => {
      const opened = await getOpened();
      void opened.ended.then(() => drop(opened));
      return opened;
    },
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
    renderReport: async (report, title) => await (await getOpened()).browser.renderReport(report, title),
    close: async () => {
      const opened = await current?.catch(() => null);
      current = null;
      await opened?.browser.close();
    },
  };
}
