import { COMMAND_FILES_ID, COMMAND_REPORTER } from '../../models/evaluation/commanded-run.ts';
import type {
  CommandedRun,
  CommandedVideo,
  EvaluationCommands,
  ExtractionReport,
  InstalledByCommand,
  ServedEvent,
} from '../../models/evaluation/commanded-run.ts';
import { suitableJobs } from '../../models/evaluation/evaluate-videos.ts';
import type { GivenVideo } from '../../models/evaluation/evaluate-videos.ts';
import { extractVideos } from '../../models/evaluation/extract-videos.ts';
import type { ExtractionEvent } from '../../models/evaluation/extract-videos.ts';
import { BROWSER_STORE } from '../../models/store/browser-store.ts';
import { listModels } from '../../models/store/model-store.ts';
import { installationClient } from '../../utils/browser/installation-client.ts';
import { isInstalling } from '../../utils/domain/installation.ts';
import type { InstallationState } from '../../utils/domain/installation.ts';
import { renderReport } from './render-report.tsx';
import { BROWSER_DEPS } from './run-store.ts';
import type { RunStore } from './run-store.ts';
import { createServedEngines } from './served-engines.ts';
import { describeMachine } from './use-networks.ts';

/**
 * Lets the command line drive this page: `npm run predict` has opened it in a Chromium of its own. Its functions are reached
 * through the browser's debugging protocol alone, which no page and no extension has.
 */
export function serveCommand(store: RunStore): void {
  const field = document.createElement('input');
  field.type = 'file';
  field.multiple = true;
  field.id = COMMAND_FILES_ID;
  field.hidden = true;
  document.body.append(field);
  const takeFiles = (): readonly File[] => [...(field.files ?? [])];
  let engines: ReturnType<typeof createServedEngines> | null = null;
  const commands: EvaluationCommands = {
    install: () => install(takeFiles()),
    run: (commanded) => run(store, commanded, takeFiles()),
    extract: async ({ videos, options }) => {
      const rest = takeFiles().values();
      const given = videos.map((each) => ({ video: each.video, given: givenOf(each, rest) }));
      await extractVideos(given, options, { ...BROWSER_DEPS, onEvent: reportExtraction });
    },
    serve: (options) => {
      engines = createServedEngines(options, report);
    },
    judge: (served) => engines!.judge(served, givenOf(served, takeFiles().values())),
    stop: (path) => engines!.stop(path),
    renderReport,
    testedDevices: async (modelIds) => {
      const installed = await listModels(BROWSER_STORE);
      return installed.flatMap(({ modelId, selfTest }) =>
        modelIds.includes(modelId) ? (selfTest?.device ?? []) : [],
      );
    },
    suitableJobs: async (modelIds, device) => {
      const installed = await listModels(BROWSER_STORE);
      const models = installed.filter(({ modelId }) => modelIds.includes(modelId));
      return suitableJobs(models, device, describeMachine());
    },
  };
  Object.assign(globalThis, { commands });
}

async function reportExtraction(event: ExtractionEvent): Promise<void> {
  if (event.kind !== 'face') {
    await report(event);
    return;
  }
  const { picture, ...face } = event.face;
  await report({ ...event, face: { ...face, rgb: new Uint8Array(picture.data).toBase64() } });
}

async function report(event: ServedEvent | ExtractionReport): Promise<void> {
  const reporter = (
    globalThis as unknown as Readonly<Record<string, (reported: typeof event) => Promise<void>>>
  )[COMMAND_REPORTER];
  await reporter?.(event);
}

/** @param files takes as many as the video has */
function givenOf({ stamp, url, frameNumbers }: CommandedVideo, files: IterableIterator<File>): GivenVideo {
  const takeFile = (): File => files.next().value as File;
  if (url !== null) return { kind: 'address', stamp, url };
  if (frameNumbers === null) return { kind: 'file', stamp, file: takeFile() };
  return { kind: 'images', stamp, images: frameNumbers.map((number) => ({ number, file: takeFile() })) };
}

async function run(
  store: RunStore,
  { videos, options }: CommandedRun,
  files: readonly File[],
): Promise<void> {
  const rest = files.values();
  const given = new Map(videos.map((video) => [video.video.path, givenOf(video, rest)]));
  const stopListening = store.listen((_run, action) => {
    if (action.type === 'failed') void report({ kind: 'failed', failed: action.failed });
    if (action.type === 'progress') {
      const { path, framesScanned } = action;
      void report({ kind: 'progress', path, framesScanned });
    }
  });
  try {
    store.plan({
      videos: videos.map(({ video }) => video),
      known: [],
      options,
      open: (video) => Promise.resolve(given.get(video.path)!),
      keep: (evaluated) => report({ kind: 'done', evaluated }),
    });
    await store.start();
  } finally {
    stopListening();
  }
}

/** Follows the installation to its end. */
async function install(files: readonly File[]): Promise<InstalledByCommand> {
  const begun = await installationClient.start({ kind: 'model-folder', files });
  const state = isInstalling(begun)
    ? await new Promise<InstallationState>((resolve) => {
        const stop = installationClient.follow((next) => {
          if (isInstalling(next)) return;
          // The first state is told in the call itself.
          queueMicrotask(() => stop());
          resolve(next);
        });
      })
    : begun;
  switch (state.kind) {
    case 'installed':
      return { kind: 'installed', modelIds: state.modelIds };
    case 'failed':
      return { kind: 'failed', code: state.code, message: state.message };
    default:
      return { kind: 'failed', code: 'engine-ended', message: 'the installation was interrupted' };
  }
}
