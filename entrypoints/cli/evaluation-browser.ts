import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { MODEL_DESCRIPTION_NAME } from '../../models/detectors/model-description.ts';
import type { ModelDescription } from '../../models/detectors/model-description.ts';
import {
  COMMAND_FILES_ID,
  COMMAND_FRAGMENT,
  COMMAND_REPORTER,
} from '../../models/evaluation/commanded-run.ts';
import type {
  CommandedExtraction,
  CommandedRun,
  CommandEvent,
  ExtractionReport,
  InstalledByCommand,
} from '../../models/evaluation/commanded-run.ts';
import { DetectorError } from '../../utils/domain/errors.ts';
import type { GraphDevice } from '../../utils/domain/model.ts';
import { untilAborted } from '../../utils/domain/until-aborted.ts';
import { copyAllowing, ensureExtension, EXTENSION_FOLDER } from './built-extension.ts';
import { findChromium, openChromium } from './chromium.ts';
import { removeLeftFolders } from './left-folders.ts';
import { createServedPage } from './served-page.ts';
import type { ServedPage } from './served-page.ts';

const PROFILE_PREFIX = 'trueframe-command-';

export type EvaluationBrowser = ServedPage & {
  /** @throws DetectorError as the extension says it */
  readonly install: (folder: string, description: ModelDescription) => Promise<string>;
  readonly suitableJobs: (modelIds: readonly string[], device: 'wasm' | 'webgpu' | null) => Promise<number>;
  /** @param files of the videos and folders of frames, in their order */
  readonly run: (
    commanded: CommandedRun,
    files: readonly string[],
    onEvent: (event: CommandEvent) => Promise<void> | void,
  ) => Promise<void>;
  /** Where installed models run, by their self-tests. */
  readonly testedDevices: (modelIds: readonly string[]) => Promise<readonly GraphDevice[]>;
  /** Cuts faces. @param files as of `run` */
  readonly extract: (
    commanded: CommandedExtraction,
    files: readonly string[],
    onEvent: (event: ExtractionReport) => Promise<void> | void,
  ) => Promise<void>;
  /** Resolves with the reason when the browser ends, by itself or by `close`. */
  readonly ended: Promise<Error>;
  readonly close: () => Promise<void>;
};

/**
 * Starts a headless Chromium with the built extension and opens its evaluate page. The profile is empty, and goes with `close`.
 * @param readsAddresses whether videos come from the network. They are streamed: the page reads the parts that hold the frames,
 *   each within the file source's time limits, and nothing of them is written to the disk. An address may lead on to
 *   another host, so this browser, in which no site is ever open, may read from all hosts.
 * @throws AbortError; DetectorError `options-invalid` without a Chromium
 */
export async function openEvaluationBrowser(
  readsAddresses: boolean,
  signal: AbortSignal,
): Promise<EvaluationBrowser> {
  const executablePath = await findChromium();
  await ensureExtension();
  signal.throwIfAborted();
  await removeLeftFolders(PROFILE_PREFIX, tmpdir());
  const folder = await mkdtemp(join(tmpdir(), `${PROFILE_PREFIX}${process.pid}-`));
  const removeFolder = (): Promise<void> => rm(folder, { recursive: true, force: true, maxRetries: 5 });
  try {
    const allowing = readsAddresses ? join(folder, 'extension') : null;
    if (allowing !== null) await copyAllowing(EXTENSION_FOLDER, allowing, ['*']);
    const context = await openChromium({
      executablePath,
      profileDirectory: join(folder, 'profile'),
      extensionDirectory: allowing ?? EXTENSION_FOLDER,
      // The command itself decides what its signals mean.
      options: { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false },
    });
    const closed = Promise.withResolvers<never>();
    closed.promise.catch(() => undefined);
    const end = (what: string): void =>
      closed.reject(new DetectorError('engine-ended', `${what}; what was judged is kept (--resume)`));
    context.once('close', () => end('the browser has ended'));
    /** No answer comes from a browser that was killed. */
    const whileOpen = <T>(work: Promise<T>): Promise<T> => {
      const ended = Promise.race([work, closed.promise]);
      // After an abort nothing awaits it any more, and it fails when the browser is closed.
      ended.catch(() => undefined);
      return untilAborted(ended, signal);
    };
    const close = async (): Promise<void> => {
      await context.close().catch(() => undefined);
      await removeFolder();
    };
    try {
      const worker = context.serviceWorkers()[0] ?? (await whileOpen(context.waitForEvent('serviceworker')));
      const page = await whileOpen(context.newPage());
      page.once('crash', () => end('the page has run out of memory'));
      /** Each of the page's functions reports events of its own kind, and one of them works at a time. */
      let onEvent: (event: never) => Promise<void> | void = () => undefined;
      const take = async (event: never): Promise<void> => {
        try {
          await onEvent(event);
        } catch (error) {
          // The disk is full: the page would only know that something was wrong.
          closed.reject(error);
          throw error;
        }
      };
      await whileOpen(page.exposeFunction(COMMAND_REPORTER, take));
      const runOn = async (
        name: 'run' | 'extract',
        commanded: CommandedRun | CommandedExtraction,
        files: readonly string[],
      ): Promise<void> => {
        await whileOpen(page.setInputFiles(`#${COMMAND_FILES_ID}`, [...files], { timeout: 0 }));
        await whileOpen(page.evaluate(`commands.${name}(${JSON.stringify(commanded)})`));
      };
      const address = `chrome-extension://${new URL(worker.url()).host}/evaluate.html${COMMAND_FRAGMENT}`;
      await whileOpen(page.goto(address));
      await whileOpen(page.waitForSelector(`#${COMMAND_FILES_ID}`, { state: 'attached' }));
      return {
        install: (folder, description) => whileOpen(install(page, folder, description)),
        suitableJobs: (modelIds, device) =>
          whileOpen(
            page.evaluate(`commands.suitableJobs(${JSON.stringify(modelIds)}, ${JSON.stringify(device)})`),
          ),
        testedDevices: (modelIds) =>
          whileOpen(page.evaluate(`commands.testedDevices(${JSON.stringify(modelIds)})`)),
        run: async (commanded, files, onRunEvent) => {
          onEvent = onRunEvent;
          await runOn('run', commanded, files);
        },
        extract: async (commanded, files, onExtraction) => {
          onEvent = onExtraction;
          await runOn('extract', commanded, files);
        },
        ...createServedPage({
          page,
          whileOpen,
          end,
          listen: (listener) => {
            onEvent = listener;
          },
        }),
        ended: closed.promise.catch((error: unknown) => error as Error),
        close,
      };
    } catch (error) {
      await close();
      throw error;
    }
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

async function install(page: Page, folder: string, { shards, graph }: ModelDescription): Promise<string> {
  const names = [...shards.map(({ path }) => path), graph.path, MODEL_DESCRIPTION_NAME];
  await page.setInputFiles(
    `#${COMMAND_FILES_ID}`,
    names.map((name) => resolve(folder, basename(name))),
  );
  const installed: InstalledByCommand = await page.evaluate('commands.install()');
  if (installed.kind === 'failed') {
    throw new DetectorError('model-invalid', `${folder}: ${installed.message}`);
  }
  return installed.modelIds[0]!;
}
