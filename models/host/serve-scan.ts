import type { ContentToHost } from '../../utils/domain/content-messages.ts';
import type { CheckRequest } from '../../utils/domain/frames-port.ts';
import { MAX_TITLE_LENGTH, plainText, shortened, withoutCredentials } from '../../utils/domain/addresses.ts';
import type { Scan, ScannedVideo, ScanState } from '../../utils/domain/scan.ts';
import { openSources } from '../frames/open-sources.ts';
import type { SourceDeps, SourceRequest } from '../frames/open-sources.ts';
import type { ScheduledScan } from './automatic-scheduler.ts';
import { fileNameOf } from './describe-scan.ts';
import { createContentPort } from './content-port.ts';
import type { HostPort } from './content-port.ts';
import type { ScanRunner } from './scan-runner.ts';

/** A content script sends its request as soon as it has connected. */
const START_TIMEOUT_MILLISECONDS = 10_000;

export type ServeDeps = { readonly runner: ScanRunner; readonly sources: SourceDeps };

/** A scan that a content script asks for. The browser states all of these facts but the ticket and the source. */
export type AskedAdmission = {
  /** The ticket of a check by hand; null for an automatic one. */
  readonly ticket: string | null;
  readonly tabId: number;
  readonly frameId: number;
  readonly pageUrl: string | null;
  readonly url: string | null;
  readonly usesScreen: boolean;
};

type StartMessage = Extract<ContentToHost, { readonly type: 'start' }>;

/** Serves one content script, from its port's opening to the end of its scan. The port's closing cancels the scan. */
export async function serveContentScan(
  port: HostPort,
  {
    runner,
    sources,
    admit,
  }: ServeDeps & {
    /** Asks the background whether such a scan may begin. */
    readonly admit: (asked: AskedAdmission) => Promise<boolean>;
  },
): Promise<void> {
  const held = { isHeld: false, scheduled: null as ScheduledScan | null };
  const contentPort = createContentPort(port, (isHeld) => {
    held.isHeld = isHeld;
    held.scheduled?.hold(isHeld);
  });
  const signal = closingOf(port);
  // A port may close before its first message.
  const start = await contentPort.next(START_TIMEOUT_MILLISECONDS, signal).catch(() => null);
  const scan = start?.type === 'start' ? scanOfPage(start, port) : null;
  if (start?.type !== 'start' || scan === null) {
    port.disconnect();
    return;
  }
  const isAdmitted = await admit({
    ticket: scan.isAutomatic === true ? null : (start.ticket ?? ''),
    tabId: scan.tabId,
    frameId: scan.frameId,
    pageUrl: pageUrlOf(port),
    url: port.sender?.url ?? null,
    usesScreen: start.source === 'screen',
  });
  if (!isAdmitted) {
    port.disconnect();
    return;
  }
  const { framesAsked } = start;
  const from = {
    kind: 'page',
    port: contentPort,
    usesScreen: start.source === 'screen',
    isPlaceKnown: isPlaceKnown(scan, port),
  } as const;
  await runner.run(
    {
      scan,
      framesAsked,
      given: { kind: 'page' },
      openSources: (scanSignal) =>
        openSources({ ...describeRequest(scan, framesAsked, port), from }, sources, scanSignal),
      sawVideoGone: contentPort.sawVideoGone,
      onState: (state, evidence) => contentPort.post({ type: 'state', state: stateForPage(state), evidence }),
      onScheduled: (scheduled) => {
        held.scheduled = scheduled;
        scheduled.hold(held.isHeld);
      },
    },
    signal,
  );
}

/** Removes the origin from a state: a frame of another site must not learn the tab's address and title. */
function stateForPage(state: ScanState): ScanState {
  return state.kind === 'finished' ? { ...state, report: { ...state.report, origin: null } } : state;
}

/**
 * Serves one of the extension's own pages, which gives a file or an address. The closing of the port cancels the scan.
 */
export function serveCheck(port: HostPort, { runner, sources }: ServeDeps): void {
  const signal = closingOf(port);
  let hasStarted = false;
  port.onMessage.addListener((received) => {
    if (hasStarted) return;
    hasStarted = true;
    const { file, images, ...request } = received as CheckRequest;
    const scan = describeScan(request, port);
    if (scan === null) {
      port.disconnect();
      return;
    }
    const { framesAsked } = request;
    const from = { kind: 'own-page', file: file ?? null, ...(images !== undefined && { images }) } as const;
    void runner.run(
      {
        scan,
        framesAsked,
        given:
          file !== undefined ? { kind: 'file', file } : { kind: images === undefined ? 'address' : 'images' },
        openSources: (scanSignal) =>
          openSources({ ...describeRequest(scan, framesAsked, port), from }, sources, scanSignal),
        sawVideoGone: () => false,
        onState: (state) => {
          if (!signal.aborted) port.postMessage(state);
        },
        onScheduled: () => undefined,
      },
      signal,
    );
  });
}

function closingOf(port: HostPort): AbortSignal {
  const closed = new AbortController();
  port.onDisconnect.addListener(() => closed.abort());
  return closed.signal;
}

/** Address of the page in the tab, as the browser says; null where the browser does not say it. */
function pageUrlOf({ sender }: HostPort): string | null {
  return sender?.tab?.url ?? (sender?.frameId === 0 ? sender.url : null) ?? null;
}

/** A content script's scan. The browser's statements about the page are stored, not the script's. */
function scanOfPage({ video, ...start }: StartMessage, port: HostPort): Scan | null {
  // If the extension may not know the page's address, only the frame's own address is known.
  const pageUrl = pageUrlOf(port) ?? port.sender?.url ?? '';
  const fileUrl = video.fileUrl === null ? null : withoutCredentials(video.fileUrl);
  // A file that is open as a page by itself has no title.
  const title = fileUrl === shortened(pageUrl) ? fileNameOf(fileUrl) : (port.sender?.tab?.title ?? '');
  const page = {
    pageUrl: shortened(pageUrl),
    title: plainText(title).slice(0, MAX_TITLE_LENGTH),
    fileUrl,
  };
  return describeScan({ ...start, video: { ...video, ...page } }, port);
}

/**
 * The scan of a request. The browser states the sender's tab and frame, the sender all other facts. null without a tab.
 */
function describeScan(
  {
    scanId,
    video,
    isAutomatic = false,
  }: Pick<StartMessage, 'scanId' | 'isAutomatic'> & { readonly video: ScannedVideo },
  { sender }: HostPort,
): Scan | null {
  const tab = sender?.tab;
  if (tab?.id === undefined) return null;
  return {
    scanId,
    tabId: tab.id,
    frameId: sender?.frameId ?? 0,
    isPrivate: tab.incognito,
    video,
    ...(sender?.url !== undefined && { documentUrl: shortened(sender.url) }),
    startedAt: Date.now(),
    state: { kind: 'waiting' },
    ...(isAutomatic && { isAutomatic }),
  };
}

function describeRequest(
  { tabId, isPrivate, isAutomatic = false, video }: Scan,
  framesAsked: number | null,
  { sender }: HostPort,
): Omit<SourceRequest, 'from'> & { readonly video: ScannedVideo } {
  return { video, framesAsked, isAutomatic, tabId, isPrivate, origin: originOf(sender?.url) };
}

/** A document in a frame of another origin can't find out its place in the tab. */
function isPlaceKnown({ frameId }: Scan, { sender }: HostPort): boolean {
  const origin = originOf(sender?.url);
  return frameId === 0 || (origin !== null && origin === originOf(sender?.tab?.url));
}

function originOf(url: string | undefined): string | null {
  if (url === undefined || !URL.canParse(url)) return null;
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
