import { mayRequest } from '../../utils/domain/addresses.ts';
import type { Sampling } from '../../utils/domain/evaluation.ts';
import type { FrameSourceKind } from '../../utils/domain/report.ts';
import type { FrameOfFolder } from '../../utils/domain/frames-port.ts';
import type { PageBox } from '../../utils/domain/content-messages.ts';
import type { FileProblem, FinishedState, ScannedVideo } from '../../utils/domain/scan.ts';
import type { Doubt } from '../../utils/domain/verdict.ts';
import { chooseSources } from './choose-sources.ts';
import { createFfmpegSource } from './ffmpeg/ffmpeg-source.ts';
import { createFileSource } from './file-source.ts';
import type { FileSource } from './file-source.ts';
import type { FrameSource, UncutFrame } from './frame-source.ts';
import { createImagesSource } from './images-source.ts';
import { pageDoubts } from './page-doubts.ts';
import { createElementSource } from './port-source.ts';
import type { ContentPort } from './port-source.ts';
import { createScreenSource } from './screen-source.ts';
import type { ScreenSource } from './screen-source.ts';
import { createSourceChain } from './source-chain.ts';
import type { PossibleSource } from './source-chain.ts';

/** The functions of the browser that the sources need and that only the background can perform. */
export type SourceDeps = {
  readonly isHostAllowed: (url: string) => Promise<boolean>;
  /**
   * Captures the visible page of a tab.
   * @returns see createScreenSource
   * @throws DetectorError `page-refused`
   */
  readonly captureTab: (tabId: number) => Promise<string | null>;
  /** Starts a new Worker for each file that the browser can't decode. */
  readonly startDecodeWorker: () => Worker;
};

/** The video to be checked, and its tab and document as the browser names them. */
export type SourceRequest = {
  readonly video: ScannedVideo;
  /** From 1; null for as many as the video has to give. */
  readonly framesAsked: number | null;
  /** How a file's frames are chosen; left out for `linspace`. */
  readonly sampling?: Sampling;
  readonly isAutomatic: boolean;
  readonly tabId: number;
  readonly isPrivate: boolean;
  /** Origin of the document with the video; null where the browser does not say it. */
  readonly origin: string | null;
  readonly from:
    | {
        readonly kind: 'page';
        readonly port: ContentPort;
        /** The user has asked for the screen. If not, the host chooses the source. */
        readonly usesScreen: boolean;
        /** Whether the document's place in the tab can be determined: it is the top document, or of the same origin. */
        readonly isPlaceKnown: boolean;
      }
    /** A file, or the address in `video`, that was given to one of our own pages. */
    | { readonly kind: 'own-page'; readonly file: Blob | null; readonly images?: readonly FrameOfFolder[] };
};

export type OpenedSource = {
  readonly source: FrameSource<UncutFrame>;
  /**
   * The finished state with the source that was used, with what the page did to the picture, and with ways out where no
   * source could be read.
   * @param judgedArea where the deciding person's faces were, in shares of the picture's sides
   * @throws AbortError
   */
  readonly describe: (
    state: FinishedState,
    judgedArea: PageBox | null,
    signal: AbortSignal,
  ) => Promise<FinishedState>;
};

/** Chooses among the sources of a video's frames and opens the first one. */
export async function openSources(
  request: SourceRequest,
  deps: SourceDeps,
  signal: AbortSignal,
): Promise<OpenedSource> {
  const { video, framesAsked, sampling, isAutomatic, isPrivate, origin, from } = request;
  const file = from.kind === 'own-page' ? from.file : null;
  const page = from.kind === 'page' ? from : null;
  const isHostAllowed = video.fileUrl !== null && (await deps.isHostAllowed(video.fileUrl));
  const chosen = chooseSources({
    video,
    pageOrigin: origin,
    isHostAllowed,
    isAutomatic,
    isPrivate,
    isOwnPage: page === null,
  });
  const fileAddress = file === null ? null : URL.createObjectURL(file);
  const addresses = fileAddress === null ? chosen.addresses : [{ url: fileAddress, isWithCors: false }];
  const isScreenPossible = page?.isPlaceKnown === true;
  const order: readonly FrameSourceKind[] = isScreenPossible && page.usesScreen ? ['screen'] : chosen.order;

  let screen: ScreenSource | null = null;
  let fileSource: FileSource | null = null;
  /** The problem of the browser's own decoder, where a second decoder was tried. */
  let problemOfBrowser: FileProblem | null = null;
  const remember = (opened: FileSource): FileSource => (fileSource = opened);
  const openFile = (): FileSource =>
    remember(
      createFileSource(addresses, {
        framesAsked,
        sampling,
        expected: page === null ? null : video,
        hasVideoGone: () => page?.port.sawVideoGone() === true,
      }),
    );
  const openInPage = (kind: FrameSourceKind, { port }: { readonly port: ContentPort }) => {
    port.post({ type: 'source', source: kind });
    if (kind === 'source') return openFile();
    if (kind === 'element') return createElementSource(port);
    screen = createScreenSource(port, () => deps.captureTab(request.tabId), framesAsked);
    return screen;
  };
  const possible = (): readonly PossibleSource[] => {
    if (page !== null) return order.map((kind) => ({ kind, open: () => openInPage(kind, page) }));
    const images = from.kind === 'own-page' ? from.images : undefined;
    if (images !== undefined) return [{ kind: 'images', open: () => remember(createImagesSource(images)) }];
    const byBrowser: PossibleSource = { kind: 'source', open: openFile };
    if (file === null) return addresses.length > 0 ? [byBrowser] : [];
    const { startDecodeWorker: startWorker } = deps;
    return [
      byBrowser,
      {
        kind: 'ffmpeg',
        open: () => {
          problemOfBrowser = fileSource?.problem() ?? null;
          return remember(createFfmpegSource(file, { framesAsked, sampling, startWorker }));
        },
        isWorthTrying: () => isBeyondBrowser(fileSource?.problem() ?? null),
      },
    ];
  };
  const chain = createSourceChain(possible());

  // An automatic check asks only at its end, since it must cost the page little. A page that removes its covers by then
  // has shown the video as it is.
  const atStart = page === null || page.usesScreen || isAutomatic ? null : page.port.look(signal);
  // It is awaited at the end, and an abort ends the scan before.
  atStart?.catch(() => undefined);

  /** The doubts that the page's changes to the picture cause. */
  const doubtsOfPage = async (
    judgedArea: PageBox | null,
    endSignal: AbortSignal,
  ): Promise<readonly Doubt[]> => {
    if (screen !== null) return screen.isAltered() ? ['altered-by-page'] : [];
    if (page === null) return [];
    const seen = await Promise.all([atStart, page.port.look(endSignal)]);
    return pageDoubts(
      seen.filter((each) => each !== null),
      judgedArea,
    );
  };

  return {
    source: {
      ...chain,
      get kind() {
        return chain.kind;
      },
      close: () => {
        chain.close();
        // An object URL keeps its file in memory until it is taken back.
        if (fileAddress !== null) URL.revokeObjectURL(fileAddress);
      },
    },
    describe: async (state, judgedArea, endSignal) => {
      const { verdict } = state.report;
      const screenScale = screen?.scale() ?? null;
      // Less than a hundredth is rounding at the edges.
      const isScaled = screenScale !== null && screenScale < 0.99;
      const screenProblem = screen?.problem() ?? undefined;
      // Another source is offered only where the user has asked for the check.
      const isUnreadable =
        !isAutomatic &&
        verdict.kind === 'refused' &&
        // A browser that alters pixels does so for every source.
        verdict.reason === 'unreadable';
      // A file of the page's own origin has been tried already, unless the page's service worker may have answered for
      // it.
      const canAllow =
        video.fileUrl !== null &&
        !isHostAllowed &&
        !isPrivate &&
        (page === null || mayRequest(video.fileUrl, origin)) &&
        (page === null || video.isServed === true || new URL(video.fileUrl).origin !== origin);
      const kind = verdict.framesScanned > 0 ? chain.kindUsed() : null;
      // The browser plays the sound; FFmpeg need not know its format.
      const fileProblem =
        problemOfBrowser === 'no-picture' ? problemOfBrowser : (fileSource?.problem() ?? null);
      return {
        ...state,
        report: {
          ...state.report,
          verdict:
            verdict.kind === 'refused'
              ? verdict
              : {
                  ...verdict,
                  doubts: [
                    ...verdict.doubts,
                    ...(isScaled ? (['scaled-on-screen'] as const) : []),
                    ...(await doubtsOfPage(judgedArea, endSignal)),
                  ],
                },
          used: { ...state.report.used, source: kind, screenScale },
        },
        waysOut: isUnreadable
          ? {
              hostToAllow: canAllow ? new URL(video.fileUrl).hostname : null,
              // The user can change the reason why the screen was not captured.
              canUseScreen: isScreenPossible && (screenProblem !== undefined || chain.wasForeign()),
              screenProblem,
              ...(fileProblem !== null && { fileProblem }),
              // The permission was given already.
              ...(fileProblem !== null && isHostAllowed && { isAllowedInVain: true }),
            }
          : undefined,
      };
    },
  };
}

/** Whether another decoder may read a file. Of a film whose picture it can't decode, the browser plays the sound. */
function isBeyondBrowser(problem: FileProblem | null): boolean {
  return problem === 'unplayable' || problem === 'no-picture';
}
