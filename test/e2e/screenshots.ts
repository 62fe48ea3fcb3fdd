/**
 * Takes a picture of every page and state of the extension, light and dark, into .output/screenshots/, from made-up
 * scans: for looking at, not for comparing. Builds first unless `--no-build` is given. `--locale` shows them in another
 * language of utils/locales, in texts 40 % longer than English (`xl`), or from right to left (`rtl`). `--zoom` shows the pages
 * at 200 %, and `--forced-colors` in the system's own colours.
 */
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { BrowserContext, Page } from 'playwright-core';
import type { InstallationState, PartialDownload } from '../../utils/domain/installation.ts';
import type { HistoryEntry, Scan, ScanState, WaysOut } from '../../utils/domain/scan.ts';
import { badgeSiteOf } from '../../utils/domain/sites.ts';
import type { BadgeSite } from '../../utils/domain/sites.ts';
import type { RememberedVerdict } from '../../utils/browser/verdict-memory-db.ts';
import {
  DEMO_MODEL,
  ED_MODEL,
  finishedState,
  historyEntry,
  installedModel,
  pageVideo,
  refusalOf,
  scanIn,
  verdictOf,
  reportOf,
} from '../fixtures/scans/scans.ts';
import { ensureTestVideos } from '../fixtures/videos/make-videos.ts';
import { makeDemoModel } from '../fixtures/networks/demo-model.ts';
import { buildExtension, EXTENSION_FOLDER, launchExtension } from '../support/extension.ts';
import { copyWithLocale, SHOT_LOCALES } from '../locales/pseudo-locale.ts';
import { EVALUATE_SHOTS } from './evaluate-shots.ts';
import { historyShots } from './history-shots.ts';
import { INSTALL_SHOTS } from './install-shots.ts';
import { VERIFY_SHOTS } from './verify-shots.ts';
import { announceInstallation } from '../support/announce-installation.ts';
import { installModel, removeModels } from '../support/install-model.ts';
import type { BadgeSettings, AutomaticState } from '../../utils/domain/automatic.ts';
import type { InstalledModel } from '../../utils/domain/model.ts';
import type { OcclusionMap, OcclusionState } from '../../utils/domain/occlusion.ts';
import type { PageVideo } from '../../utils/domain/page-video.ts';

const { values: options, positionals: chosen } = parseArgs({
  allowPositionals: true,
  options: {
    locale: { type: 'string' },
    'no-build': { type: 'boolean' },
    zoom: { type: 'boolean', default: false },
    'forced-colors': { type: 'boolean', default: false },
  },
});
const locale = SHOT_LOCALES.find((name) => name === options.locale) ?? null;
if (locale === null && options.locale !== undefined) {
  throw new Error(`--locale takes ${SHOT_LOCALES.join(', ')}`);
}

const OUTPUT = resolve(import.meta.dirname, '../../.output');
const FOLDER = resolve(
  OUTPUT,
  'screenshots',
  [locale, options.zoom && 'zoom', options['forced-colors'] && 'forced-colors'].filter(Boolean).join('-'),
);
const POPUP_SIZE = { width: 380, height: 560 };
/** At 200 %, half as many of the style sheet's pixels are as wide as the window. */
const PAGE_SIZE = options.zoom ? { width: 500, height: 450 } : { width: 1000, height: 900 };

/** Without a picture: those don't pass into a page. */
export type SeedEntry = HistoryEntry & { readonly facePicture: null };

/** What stands in for the tab, the host and the model store. */
type Stage = {
  readonly models?: readonly InstalledModel[];
  readonly partials?: readonly PartialDownload[];
  /** Of the popup's tab; a text refuses the page. */
  readonly videos?: readonly PageVideo[] | 'refused';
  readonly states?: readonly ScanState[];
  /** Hosts of frames that the browser keeps closed. */
  readonly closedHosts?: readonly string[];
  readonly history?: readonly SeedEntry[];
  /** Verdicts of quiet checks, which no entry shows. */
  readonly quietVerdicts?: readonly RememberedVerdict[];
  /** The page over which the popup hangs, and what is chosen about badges. */
  readonly badges?: {
    readonly tabUrl: string;
    readonly sites: readonly BadgeSite[];
    readonly settings?: Partial<BadgeSettings>;
    readonly state?: AutomaticState;
  };
  /** Of the details page: the scan, and how many crops the host remembers; null where it has forgotten them. */
  readonly details?: { readonly scan: Scan; readonly cropCount: number | null };
  /** What the host answers when the page asks which parts of a face change its score. */
  readonly occlusion?: OcclusionState;
};

export type Shot = {
  readonly name: string;
  readonly page: 'popup' | 'options' | 'report' | 'welcome' | 'check' | 'history' | 'verify' | 'evaluate';
  readonly stage: Stage;
  /** Whether two models, one of them a stand-in, are installed for it. */
  readonly hasModels?: boolean;
  /** Fills the model store. */
  readonly seed?: (context: BrowserContext) => Promise<void>;
  /** What the host tells all pages. */
  readonly installation?: InstallationState;
  /** What is done on the page first. `text` gives the words of a key in the picture's language. */
  readonly act?: (page: Page, text: TextOf) => Promise<void>;
};

/** The words of a key of utils/locales, with their placeholders. */
export type TextOf = (key: string) => Promise<string>;

const now = Date.now();
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const MODELS = [installedModel(ED_MODEL, now - 2 * DAY)];
const DEMO_MODELS = [installedModel(DEMO_MODEL, now)];

const TITLES = [
  'Interview at the harbour',
  'A very long title of a clip that somebody has uploaded under everything it could be searched by',
  'Press conference, 12 March',
  'Holiday greetings',
  'Clip 0412',
  'Der Bürgermeister antwortet',
  'Trailer',
  'Street survey',
  'Lecture 7: Light and shadow',
  'Morning show',
];
const VERDICTS = [
  verdictOf(0.82),
  verdictOf(0.52),
  verdictOf(0.08),
  refusalOf('no-face'),
  verdictOf(0.21),
  verdictOf(0.97, 0.2),
  refusalOf('face-too-small'),
];
const HISTORY = TITLES.map((title, index): SeedEntry => ({
  ...historyEntry({
    scanId: `entry-${index}`,
    title,
    pageUrl: `https://${index % 2 === 0 ? 'www.example.com' : 'video.example.org'}/watch/${index}`,
    finishedAt: now - index * 7 * 60 * MINUTE - 4 * MINUTE,
    report: reportOf(VERDICTS[index % VERDICTS.length]!),
  }),
  facePicture: null,
}));
const QUIET_VERDICTS = Array.from({ length: 124 }, (_, index): RememberedVerdict => ({
  scanId: `quiet-${index}`,
  keys: { post: `post-${index}`, file: null },
  verdict: verdictOf(0.08),
  model: ED_MODEL,
  finishedAt: now,
  usedAt: now,
}));
const DEMO_HISTORY = HISTORY.slice(0, 3).map((entry) => ({
  ...entry,
  report: reportOf(entry.report.verdict, { model: DEMO_MODEL }),
}));

const videosWith = (states: readonly ScanState[]): Pick<Stage, 'videos' | 'states'> => ({
  states,
  videos: states.map((_, index) =>
    pageVideo({ videoId: index + 1, title: TITLES[index] ?? '', scanId: `scan-${index}` }),
  ),
});

const WAYS_OUT: WaysOut = { hostToAllow: 'video.example.com', canUseScreen: true };

/** All faces together score another number than the person who decides. */
const TWO_PEOPLE = Object.assign(verdictOf(0.74, 0.18), { pooledScore: 0.46 });

/** A made-up face of which the eyes count for the score, and the mouth against it. */
const OCCLUSION_MAP: OcclusionMap = {
  grid: 7,
  score: 0.82,
  changes: Array.from({ length: 49 }, (_, patch) => {
    const [x, y] = [patch % 7, Math.floor(patch / 7)];
    const bump = (left: number, top: number): number => Math.exp(-((x - left) ** 2) - (y - top) ** 2);
    return 0.14 * bump(3, 5) - 0.31 * (bump(2, 2.4) + 0.6 * bump(4.4, 2.4));
  }),
  faithfulness: { patches: 10, named: 0.47, random: [0.05, 0.12, 0.03, 0.08, 0.07] },
};

const pressClear = async (page: Page, text: TextOf): Promise<void> =>
  page.getByRole('button', { name: await text('history.clear'), exact: true }).click();

const SHOTS: readonly Shot[] = [
  { name: 'popup-first', page: 'popup', stage: { videos: [pageVideo()] } },
  {
    name: 'popup-unchecked',
    page: 'popup',
    stage: {
      models: MODELS,
      videos: [
        pageVideo(),
        pageVideo({ videoId: 2, title: TITLES[1]!, isPaused: true }),
        pageVideo({ videoId: 3, title: '', durationSeconds: null }),
        pageVideo({ videoId: 4 }),
      ],
      history: HISTORY.slice(0, 3),
    },
  },
  {
    name: 'popup-working',
    page: 'popup',
    stage: {
      models: MODELS,
      history: HISTORY,
      ...videosWith([
        { kind: 'running', framesScanned: 7, framesAsked: 15 },
        { kind: 'waiting' },
        { kind: 'loading-model' },
      ]),
    },
  },
  {
    name: 'popup-verdicts',
    page: 'popup',
    stage: {
      models: MODELS,
      history: [],
      ...videosWith([
        finishedState(verdictOf(0.82)),
        finishedState(verdictOf(0.5)),
        finishedState(verdictOf(0.08)),
      ]),
    },
  },
  {
    name: 'popup-refusals',
    page: 'popup',
    stage: {
      models: MODELS,
      ...videosWith([
        { ...finishedState(refusalOf('unreadable')), waysOut: WAYS_OUT },
        { kind: 'failed', code: 'host-lost', message: '' },
        { kind: 'cancelled' },
      ]),
    },
  },
  {
    name: 'popup-demo',
    page: 'popup',
    stage: {
      models: DEMO_MODELS,
      history: DEMO_HISTORY,
      ...videosWith([finishedState(verdictOf(0.82), DEMO_MODEL)]),
    },
  },
  {
    name: 'popup-refused-page',
    page: 'popup',
    stage: {
      models: MODELS,
      videos: 'refused',
    },
  },
  {
    name: 'popup-history-undo',
    page: 'popup',
    stage: { models: MODELS, videos: [], history: HISTORY },
    act: async (page, text) => {
      const [beginning = ''] = (await text('history.delete')).split('{title}');
      // Where texts are from right to left, marks stand round the title.
      await page.locator(`button[aria-label^="${beginning}"][aria-label*="Holiday"]`).click();
    },
  },
  {
    name: 'popup-history-clear',
    page: 'popup',
    stage: { models: MODELS, videos: [], history: HISTORY },
    act: pressClear,
  },
  {
    name: 'popup-history-clear-both',
    page: 'popup',
    stage: { models: MODELS, videos: [], history: HISTORY, quietVerdicts: QUIET_VERDICTS },
    act: pressClear,
  },
  {
    name: 'popup-history-quiet',
    page: 'popup',
    stage: { models: MODELS, videos: [], history: HISTORY.slice(0, 2), quietVerdicts: QUIET_VERDICTS },
  },
  {
    name: 'popup-quiet',
    page: 'popup',
    stage: { models: MODELS, videos: [], quietVerdicts: QUIET_VERDICTS },
  },
  {
    name: 'popup-quiet-clear',
    page: 'popup',
    stage: { models: MODELS, videos: [], quietVerdicts: QUIET_VERDICTS },
    act: pressClear,
  },
  {
    name: 'popup-closed-frame',
    page: 'popup',
    stage: { models: MODELS, videos: [], closedHosts: ['player.example.net'], history: HISTORY.slice(0, 2) },
  },
  { name: 'check-first', page: 'check', stage: {} },
  {
    name: 'check-wrong-file',
    page: 'check',
    stage: {},
    hasModels: true,
    act: async (page, text) => {
      await page.locator('input[type=file][accept]').setInputFiles({
        name: 'letter.mp4',
        mimeType: 'video/mp4',
        buffer: Buffer.from('no video'),
      });
      await page.getByText(await text('refusal.unreadable.file')).waitFor();
    },
  },
  {
    name: 'check-file',
    page: 'check',
    stage: {},
    hasModels: true,
    act: async (page, text) => {
      const { path } = (await ensureTestVideos())['another-face.mp4'];
      await page.locator('input[type=file][accept]').setInputFiles(path);
      await page.getByRole('link', { name: await text('action.details') }).waitFor({ timeout: 60_000 });
    },
  },
  {
    name: 'check-closed-address',
    page: 'check',
    stage: {},
    hasModels: true,
    act: async (page, text) => {
      await page.locator('input[type=url]').fill('http://localhost:9/clip.mp4');
      await page.getByRole('button', { name: await text('action.check'), exact: true }).click();
      await page.getByRole('button', { name: 'localhost' }).waitFor();
    },
  },
  {
    name: 'details-screen',
    page: 'report',
    stage: {
      details: {
        scan: scanIn({
          kind: 'finished',
          report: reportOf(verdictOf(0.52), { source: 'screen', screenScale: 0.5 }),
        }),
        cropCount: 4,
      },
    },
  },
  {
    name: 'popup-badges-off',
    page: 'popup',
    stage: {
      models: MODELS,
      history: HISTORY.slice(0, 2),
      videos: [pageVideo()],
      badges: { tabUrl: 'https://x.com/home', sites: [] },
    },
  },
  {
    name: 'popup-badges-on',
    page: 'popup',
    stage: {
      models: MODELS,
      videos: [pageVideo()],
      badges: { tabUrl: 'https://x.com/home', sites: [badgeSiteOf('https://x.com/')!] },
    },
  },
  {
    name: 'popup-badges-closed',
    page: 'popup',
    stage: {
      models: MODELS,
      videos: [pageVideo({ closedFileUrl: 'https://files.example.net/clip.mp4' })],
      badges: { tabUrl: 'https://mastodon.example/home', sites: [badgeSiteOf('https://mastodon.example/')!] },
    },
  },
  {
    name: 'popup-badges-paused',
    page: 'popup',
    stage: {
      models: MODELS,
      videos: [pageVideo()],
      badges: {
        tabUrl: 'https://x.com/home',
        sites: [badgeSiteOf('https://x.com/')!],
        settings: { pausedUntil: now + 50 * MINUTE },
      },
    },
  },
  {
    name: 'options-badges',
    page: 'options',
    stage: {
      badges: {
        tabUrl: '',
        sites: [badgeSiteOf('https://x.com/')!, badgeSiteOf('https://mastodon.example/')!],
        settings: { budget: 'low' },
        state: { waitingScans: 1, pauses: ['on-battery'], usedShare: 0.12, unknown: ['network', 'pressure'] },
      },
    },
    hasModels: true,
  },
  { name: 'options-first', page: 'options', stage: {} },
  {
    name: 'options-quiet',
    page: 'options',
    stage: { history: HISTORY, quietVerdicts: QUIET_VERDICTS },
    act: async (page, text) => page.getByRole('button', { name: await text('history.clearAll') }).click(),
  },
  { name: 'options-installed', page: 'options', stage: { history: HISTORY }, hasModels: true },
  {
    name: 'options-delete',
    page: 'options',
    stage: { history: HISTORY },
    hasModels: true,
    act: async (page, text) =>
      page
        .getByRole('button', { name: await text('action.delete') })
        .first()
        .click(),
  },
  {
    name: 'options-wrong-file',
    page: 'options',
    stage: {},
    act: async (page, text) => {
      await page.getByLabel(await text('install.disk.file')).setInputFiles({
        name: 'genconvit_ed_inference.pth',
        mimeType: 'application/octet-stream',
        buffer: Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n'),
      });
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'details-manipulated',
    page: 'report',
    stage: { details: { scan: scanIn(finishedState(verdictOf(0.82))), cropCount: 15 } },
    act: (page) => page.getByRole('slider').press('ArrowRight'),
  },
  {
    name: 'details-two-people',
    page: 'report',
    stage: {
      details: {
        scan: scanIn(finishedState(TWO_PEOPLE)),
        cropCount: 20,
      },
    },
  },
  {
    name: 'details-occlusion',
    page: 'report',
    stage: {
      details: { scan: scanIn(finishedState(verdictOf(0.82))), cropCount: 15 },
      occlusion: { kind: 'finished', map: OCCLUSION_MAP, model: ED_MODEL },
    },
    act: async (page, text) => {
      await page.getByRole('button', { name: await text('report.occlusion.start') }).click();
      await page.locator('.occlusion summary').click();
    },
  },
  {
    name: 'details-occlusion-working',
    page: 'report',
    stage: {
      details: { scan: scanIn(finishedState(verdictOf(0.82))), cropCount: 15 },
      occlusion: { kind: 'working', done: 20, all: 56 },
    },
    act: async (page, text) =>
      page.getByRole('button', { name: await text('report.occlusion.start') }).click(),
  },
  {
    name: 'details-faces-gone',
    page: 'report',
    stage: { details: { scan: scanIn(finishedState(verdictOf(0.52))), cropCount: null } },
  },
  {
    name: 'details-demo',
    page: 'report',
    stage: { details: { scan: scanIn(finishedState(verdictOf(0.6), DEMO_MODEL)), cropCount: 6 } },
  },
  {
    name: 'details-refused',
    page: 'report',
    stage: { details: { scan: scanIn(finishedState(refusalOf('no-face'))), cropCount: 0 } },
  },
];

/** Names that begin so; all of them where none is given. */
const shots = [
  ...SHOTS,
  ...historyShots(HISTORY, DEMO_HISTORY),
  ...INSTALL_SHOTS,
  ...VERIFY_SHOTS,
  ...EVALUATE_SHOTS,
].filter(({ name }) => chosen.length === 0 || chosen.some((beginning) => name.startsWith(beginning)));
if (options['no-build'] !== true) await buildExtension();
await mkdir(FOLDER, { recursive: true });
const extensionDirectory = locale === null ? EXTENSION_FOLDER : resolve(OUTPUT, `chrome-mv3-${locale}`);
if (locale !== null) await copyWithLocale(EXTENSION_FOLDER, extensionDirectory, locale);
const extension = await launchExtension({ extensionDirectory });
try {
  for (const shot of shots) {
    for (const colorScheme of ['light', 'dark'] as const) await take(shot, colorScheme);
  }
} finally {
  await extension.close();
}
console.log(`${shots.length} states, light and dark, in ${FOLDER}`);

async function take(
  { name, page: pageName, stage, hasModels = false, seed, installation, act }: Shot,
  colorScheme: 'light' | 'dark',
): Promise<void> {
  if (hasModels) {
    for (const isDemo of [true, false]) {
      await installModel(extension.context, await makeDemoModel({ isDemo, seed: Number(isDemo) }));
    }
  }
  await seed?.(extension.context);
  const page = await extension.context.newPage();
  await page.emulateMedia({
    colorScheme,
    reducedMotion: 'reduce',
    ...(options['forced-colors'] && { forcedColors: 'active' }),
  });
  await page.setViewportSize(pageName === 'popup' ? POPUP_SIZE : PAGE_SIZE);
  await page.addInitScript(standIn, stage);
  const fragment = stage.details === undefined ? '' : `#${stage.details.scan.scanId}`;
  await page.goto(`${extension.origin}/${pageName}.html${fragment}`);
  await page.evaluate(seedHistory, {
    entries: stage.history ?? [],
    verdicts: stage.quietVerdicts ?? [],
  });
  await page.evaluate(
    seedScans,
    (stage.states ?? []).map((state, index) => scanIn(state, { scanId: `scan-${index}` })),
  );
  await page.getByRole('heading').first().waitFor();
  if (installation !== undefined) await announceInstallation(extension.context, installation);
  await act?.(page, (key) => page.evaluate<string>(`chrome.i18n.getMessage('${key.replaceAll('.', '_')}')`));
  // The last answers to messages are on their way.
  await page.waitForTimeout(200);
  await page.screenshot({
    path: resolve(FOLDER, `${name}-${colorScheme}.png`),
    fullPage: pageName !== 'popup',
  });
  await page.close();
  if (hasModels || seed !== undefined) await removeModels(extension.context);
}

/** Runs in the page: history and remembered verdicts, through the messages that Undo uses. */
async function seedHistory({
  entries,
  verdicts,
}: {
  readonly entries: readonly SeedEntry[];
  readonly verdicts: readonly RememberedVerdict[];
}): Promise<void> {
  type Send = (message: { readonly name: string; readonly request: unknown }) => Promise<unknown>;
  const { runtime } = (
    globalThis as unknown as { readonly chrome: { readonly runtime: { sendMessage: Send } } }
  ).chrome;
  await runtime.sendMessage({ name: 'clearHistory', request: null });
  await runtime.sendMessage({ name: 'restoreHistoryEntries', request: { entries } });
  await runtime.sendMessage({ name: 'restoreVerdicts', request: { verdicts } });
}

/** Runs in the page: the tab's scans as the background would have kept them. */
async function seedScans(scans: readonly Scan[]): Promise<void> {
  type Chrome = {
    readonly tabs: { readonly getCurrent: () => Promise<{ readonly id: number }> };
    readonly storage: { readonly session: { readonly set: (items: object) => Promise<void> } };
  };
  const { tabs, storage } = (globalThis as unknown as { readonly chrome: Chrome }).chrome;
  const tab = await tabs.getCurrent();
  await storage.session.set({ [`scans:${tab.id}`]: scans });
}

/** Runs in the page before its scripts: answers the messages that would need a page, a host or a model. */
function standIn(stage: Stage): void {
  type Runtime = {
    sendMessage: (message: { readonly name: string }) => Promise<unknown>;
    connect: () => {
      readonly onMessage: { readonly addListener: (listener: (state: OcclusionState) => void) => void };
      readonly onDisconnect: { readonly addListener: () => void };
      readonly postMessage: () => void;
      readonly disconnect: () => void;
    };
  };
  const { runtime } = (globalThis as unknown as { readonly chrome: { readonly runtime: Runtime } }).chrome;
  const send = runtime.sendMessage.bind(runtime);
  const ok = (value: unknown) => Promise.resolve({ ok: true, value });
  type Rest = {
    readonly tabs: {
      query: (query: object) => Promise<unknown>;
      connect: () => {
        readonly onMessage: { readonly addListener: (listener: (message: object) => void) => void };
        readonly onDisconnect: { readonly addListener: () => void };
        readonly postMessage: () => void;
        readonly disconnect: () => void;
      };
    };
    readonly storage: { readonly local: { readonly set: (items: object) => Promise<void> } };
  };
  const { tabs, storage } = (globalThis as unknown as { readonly chrome: Rest }).chrome;
  void storage.local.set({
    'badge-sites': stage.badges?.sites ?? [],
    'badge-settings': stage.badges?.settings ?? {},
  });
  const { badges } = stage;
  if (badges !== undefined) {
    const query = tabs.query.bind(tabs);
    tabs.query = async (asked) =>
      ((await query(asked)) as object[]).map((tab) => ({ ...tab, url: badges.tabUrl }));
  }
  const crop = (index: number): ImageData => {
    const canvas = new OffscreenCanvas(224, 224);
    const context = canvas.getContext('2d')!;
    const light = context.createRadialGradient(112, 96, 10, 112, 112, 110);
    light.addColorStop(0, `hsl(${20 + index * 2} 45% 74%)`);
    light.addColorStop(1, `hsl(${210 + index * 3} 18% 32%)`);
    context.fillStyle = light;
    context.fillRect(0, 0, 224, 224);
    return context.getImageData(0, 0, 224, 224);
  };
  // What was announced last.
  let installation: InstallationState = { kind: 'idle' };
  new BroadcastChannel('installation').addEventListener(
    'message',
    ({ data }: MessageEvent<InstallationState>) => {
      installation = data;
    },
  );
  // The content script of the tab's one frame.
  tabs.connect = () => ({
    onMessage: {
      addListener: (listener) =>
        void setTimeout(() => listener(stage.videos === 'refused' ? [] : (stage.videos ?? []))),
    },
    onDisconnect: { addListener: () => undefined },
    postMessage: () => undefined,
    disconnect: () => undefined,
  });
  const { occlusion } = stage;
  if (occlusion !== undefined) {
    // The host's port.
    runtime.connect = () => {
      let say: (state: OcclusionState) => void = () => undefined;
      return {
        onMessage: {
          addListener: (listener) => {
            say = listener;
          },
        },
        onDisconnect: { addListener: () => undefined },
        postMessage: () => void setTimeout(() => say(occlusion)),
        disconnect: () => undefined,
      };
    };
  }
  runtime.sendMessage = (message) => {
    switch (message.name) {
      case 'listModels':
        return ok(stage.models ?? []);
      case 'getInstallation':
        return ok(installation);
      case 'listPartialDownloads':
        return ok(stage.partials ?? []);
      case 'getAutomaticState':
        return stage.badges?.state === undefined
          ? Promise.resolve({ ok: false, error: { code: 'unreachable' } })
          : ok(stage.badges.state);
      case 'getHostState':
        return ok({ activeScans: 0, model: stage.models?.[0] ?? null, state: null });
      case 'openFrames':
        return stage.videos === 'refused'
          ? Promise.resolve({ ok: false, error: { code: 'page-refused', params: { place: 'page' } } })
          : ok({ frameIds: [0], isComplete: true });
      case 'listClosedHosts':
        return ok(stage.closedHosts ?? []);
      case 'getScanDetails': {
        if (stage.details === undefined) return ok(null);
        const { scan, cropCount } = stage.details;
        const scores =
          scan.state.kind === 'finished' ? scan.state.report.frameScores.slice(0, cropCount ?? 0) : [];
        return ok({
          scan,
          crops:
            cropCount === null
              ? null
              : scores.map((score, index) => ({ ...score, logits: {}, picture: crop(index) })),
        });
      }
      default:
        return send(message);
    }
  };
}
