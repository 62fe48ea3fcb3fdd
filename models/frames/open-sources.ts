import type { FinishedState } from '../scan/run-scan.ts';
import type { ContentToHost } from '../../utils/domain/frames-port.ts';
import type { Doubt, Verdict } from '../../utils/domain/verdict.ts';
import type { PortChannel } from '../host/scan-channel.ts';
import { chooseWays } from './choose-sources.ts';
import { createElementWay } from './port-source.ts';
import { createFrameWays } from './source-chain.ts';
import type { FrameWays, PossibleWay } from './source-chain.ts';
import type { Way } from './local-frames.ts';
import { createScreenWay } from './screen-source.ts';
import type { ScreenWay } from './screen-source.ts';
import { createSourceWay } from './file-source.ts';
import type { FrameSourceKind } from '../../utils/domain/report.ts';

/** What the ways need of the browser, which the background has and this document has not. */
export type WaysDeps = {
  readonly isHostAllowed: (url: string) => Promise<boolean>;
  /** @throws DetectorError `page-refused` */
  readonly captureTab: (tabId: number) => Promise<ImageBitmap | null>;
};

/** Who asked, as the browser says. */
export type Asker = {
  readonly tabId: number;
  readonly isPrivate: boolean;
  readonly isOwnPage: boolean;
  /** Of the document with the video; null where the browser does not say. */
  readonly origin: string | null;
  /** Whether the document's place in the tab can be found out: the top one, or one of its origin. */
  readonly isPlaceKnown: boolean;
};

export type OpenedWays = {
  readonly channel: FrameWays;
  /** The finished state with the way that was used, what it cost, and what can be done where none worked. */
  readonly describe: (state: FinishedState) => FinishedState;
};

export type StartMessage = Extract<ContentToHost, { readonly type: 'start' }>;

/** Chooses among the ways to a video's frames and takes the first one. */
export async function openWays(
  start: StartMessage,
  asker: Asker,
  page: PortChannel,
  deps: WaysDeps,
): Promise<OpenedWays> {
  const { video, framesAsked } = start;
  const isHostAllowed = video.fileUrl !== null && (await deps.isHostAllowed(video.fileUrl));
  const hasFile = asker.isOwnPage && start.file !== undefined;
  const { order, addresses } = hasFile
    ? fileWays(start.file)
    : chooseWays({
        video,
        pageOrigin: asker.origin,
        isHostAllowed,
        isAutomatic: start.isAutomatic === true,
        ...asker,
      });

  let screen: ScreenWay | null = null;
  const announced = (way: FrameSourceKind, open: () => Way): PossibleWay => ({
    way,
    open: () => {
      page.post({ type: 'way', way });
      return open();
    },
  });
  const possible: Readonly<Record<FrameSourceKind, () => PossibleWay>> = {
    source: () =>
      announced('source', () => {
        const expected = asker.isOwnPage ? null : video;
        const way = createSourceWay(addresses, framesAsked, expected, page.sawVideoGone);
        return hasFile ? releasing(way, addresses) : way;
      }),
    element: () => announced('element', () => createElementWay(page)),
    screen: () =>
      announced('screen', () => {
        const capture = (): Promise<ImageBitmap | null> => deps.captureTab(asker.tabId);
        screen = createScreenWay(page, capture, framesAsked);
        return screen;
      }),
  };
  const ways = chosenWays(start, asker, order);
  const channel = createFrameWays(ways.map((way) => possible[way]()));

  return {
    channel,
    describe: (state) => {
      const { verdict } = state.report;
      const screenScale = screen?.scale() ?? null;
      const screenProblem = screen?.problem() ?? undefined;
      // Only whoever has asked is offered another way.
      const isUnreadable =
        start.isAutomatic !== true &&
        verdict.kind === 'refused' &&
        // A browser that alters pixels alters those of every way.
        verdict.reason === 'unreadable';
      // A file of the page's own origin has been tried already, unless its service worker may have put it there.
      const canAllow =
        video.fileUrl !== null &&
        !isHostAllowed &&
        !asker.isPrivate &&
        (asker.isOwnPage || video.isServed === true || new URL(video.fileUrl).origin !== asker.origin);
      return {
        ...state,
        report: {
          ...state.report,
          verdict: isScaled(screenScale) ? withDoubt(verdict, 'scaled-on-screen') : verdict,
          used: { ...state.report.used, source: channel.wayUsed(), screenScale },
        },
        waysOut: isUnreadable
          ? {
              hostToAllow: canAllow ? new URL(video.fileUrl).hostname : null,
              // What kept it from being looked at, the user can change.
              canUseScreen: asker.isPlaceKnown && (screenProblem !== undefined || channel.wasForeign()),
              screenProblem,
            }
          : undefined,
      };
    },
  };
}

function chosenWays(
  start: StartMessage,
  asker: Asker,
  order: readonly FrameSourceKind[],
): readonly FrameSourceKind[] {
  return start.way === 'screen' && asker.isPlaceKnown ? ['screen'] : order;
}

function fileWays(file: Blob): ReturnType<typeof chooseWays> {
  return { order: ['source'], addresses: [{ url: URL.createObjectURL(file), isWithCors: false }] };
}

/** An object URL keeps its file in memory until it is taken back. */
function releasing(way: Way, addresses: readonly { readonly url: string }[]): Way {
  return {
    ...way,
    release: () => {
      way.release();
      for (const { url } of addresses) URL.revokeObjectURL(url);
    },
  };
}

/** A hundredth is rounding at the edges. */
function isScaled(scale: number | null): boolean {
  return scale !== null && scale < 0.99;
}

function withDoubt(verdict: Verdict, doubt: Doubt): Verdict {
  return verdict.kind === 'refused' ? verdict : { ...verdict, doubts: [...verdict.doubts, doubt] };
}
