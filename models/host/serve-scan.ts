import type { ContentToHost } from '../../utils/domain/content-messages.ts';
import type { CheckRequest } from '../../utils/domain/frames-port.ts';
import type { Scan, ScannedVideo } from '../../utils/domain/scan.ts';
import { openSources } from '../frames/open-sources.ts';
import type { SourceDeps, SourceRequest } from '../frames/open-sources.ts';
import type { ScheduledScan } from './automatic-scheduler.ts';
import { createContentPort } from './content-port.ts';
import type { HostPort } from './content-port.ts';
import type { ScanRunner } from './scan-runner.ts';

/** A content script sends its request as soon as it has connected. */
const START_TIMEOUT_MILLISECONDS = 10_000;

export type ServeDeps = { readonly runner: ScanRunner; readonly sources: SourceDeps };

type StartMessage = Extract<ContentToHost, { readonly type: 'start' }>;

/** Serves one content script, from its port's opening to the end of its scan. The port's closing cancels the scan. */
export async function serveContentScan(port: HostPort, { runner, sources }: ServeDeps): Promise<void> {
  const held = { isHeld: false, scheduled: null as ScheduledScan | null };
  const contentPort = createContentPort(port, (isHeld) => {
    held.isHeld = isHeld;
    held.scheduled?.hold(isHeld);
  });
  const signal = closingOf(port);
  // A port may close before its first message.
  const start = await contentPort.next(START_TIMEOUT_MILLISECONDS, signal).catch(() => null);
  const scan = start?.type === 'start' ? describeScan(start, port) : null;
  if (start?.type !== 'start' || scan === null) {
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
      openSources: (scanSignal) =>
        openSources({ ...describeRequest(scan, framesAsked, port), from }, sources, scanSignal),
      sawVideoGone: contentPort.sawVideoGone,
      onState: (state, evidence) => contentPort.post({ type: 'state', state, evidence }),
      onScheduled: (scheduled) => {
        held.scheduled = scheduled;
        scheduled.hold(held.isHeld);
      },
    },
    signal,
  );
}

/** Serves one of the extension's own pages, which gives a file or an address. The port's closing cancels the scan. */
export function serveCheck(port: HostPort, { runner, sources }: ServeDeps): void {
  const signal = closingOf(port);
  let hasStarted = false;
  port.onMessage.addListener((received) => {
    if (hasStarted) return;
    hasStarted = true;
    const { file, ...request } = received as CheckRequest;
    const scan = describeScan(request, port);
    if (scan === null) {
      port.disconnect();
      return;
    }
    const { framesAsked } = request;
    const from = { kind: 'own-page', file: file ?? null } as const;
    void runner.run(
      {
        scan,
        framesAsked,
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

/** The sender's tab and frame come from the browser, the rest from the other end. null without a tab. */
function describeScan(
  { scanId, video, isAutomatic = false }: Pick<StartMessage, 'scanId' | 'video' | 'isAutomatic'>,
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
    ...(sender?.url !== undefined && { documentUrl: sender.url }),
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

/** A document in a frame of another origin can't tell where in the tab it is. */
function isPlaceKnown({ frameId }: Scan, { sender }: HostPort): boolean {
  const origin = originOf(sender?.url);
  return frameId === 0 || (origin !== null && origin === originOf(sender?.tab?.url));
}

function originOf(url: string | undefined): string | null {
  if (url === undefined || !URL.canParse(url)) return null;
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
