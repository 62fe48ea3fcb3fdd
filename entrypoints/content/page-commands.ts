import type { CheckOutcome, CheckTarget, PageVideo } from '../../utils/domain/page-video.ts';
import type { Point } from '../../utils/browser/page-elements.ts';
import type { Checks } from './checks.ts';
import { openChooser } from './chooser.tsx';
import { describePageVideo, describeScannedVideo } from './describe-video.ts';
import type { Overlay } from './overlay.ts';
import { chooseVideo, createVideoIds } from './video-choice.ts';
import { findVideos, isOfSize } from './videos-in-frame.ts';

/** The requests of popup and menu to this frame; the messages have the same names. */
export type PageCommands = {
  readonly checkVideo: (request: {
    readonly target: CheckTarget;
    readonly framesAsked: number | null;
    readonly way?: 'screen';
  }) => CheckOutcome;
  readonly listVideos: () => readonly PageVideo[];
};

/** @param lastPoint where the user opened the last context menu */
export function createPageCommands(
  deps: { readonly checks: Checks; readonly overlay: Overlay; readonly lastPoint: () => Point | null },
  signal: AbortSignal,
): PageCommands {
  const { checks, overlay, lastPoint } = deps;
  const videoIds = createVideoIds();
  let chooser = new AbortController();

  return {
    checkVideo: ({ target, framesAsked, way }) => {
      chooser.abort();
      const check = (video: HTMLVideoElement): CheckOutcome => checks.checkByHand(video, framesAsked, way);
      const choice = chooseVideo(target, videoIds, lastPoint());
      switch (choice.kind) {
        case 'none':
          return { kind: 'no-video' };
        case 'video':
          return check(choice.video);
        case 'several': {
          chooser = new AbortController();
          const choices = choice.videos.map((video) => ({ video, label: describeScannedVideo(video).title }));
          openChooser(choices, { overlay, onChoose: check }, AbortSignal.any([signal, chooser.signal]));
          return { kind: 'choosing' };
        }
      }
    },
    listVideos: () =>
      findVideos(document)
        .filter((video) => isOfSize(video) || checks.isByHand(video))
        .map((video) => describePageVideo(video, videoIds.of(video), checks.scanIdOf(video))),
  };
}
