import type { CheckOutcome, PageVideo } from '../../utils/domain/page-video.ts';
import type { RequestOf } from '../../utils/browser/protocol.ts';
import { listen, trusted } from '../../utils/browser/dom.ts';
import type { Point } from '../../utils/browser/page-elements.ts';
import type { Checks } from './checks.ts';
import { describePageVideo, titleOf } from './describe-video.ts';
import type { Overlay } from './overlay.ts';
import { chooseVideo, createVideoIds, findVideos, isOfSize } from './videos-in-frame.ts';
import { render } from 'preact';
import { VideoChooser } from '../../components/badge/video-chooser.tsx';

/** The answers to the requests of the popup and the menu to this frame. Each has the name of its message. */
export type PageCommands = {
  readonly checkVideo: (request: RequestOf<'checkVideo'>) => CheckOutcome;
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
    checkVideo: ({ target, ...request }) => {
      chooser.abort();
      const check = (video: HTMLVideoElement): CheckOutcome => checks.checkByHand(video, request);
      const choice = chooseVideo(target, videoIds, lastPoint());
      switch (choice.kind) {
        case 'none':
          return { kind: 'no-video' };
        case 'video':
          return check(choice.video);
        case 'several': {
          chooser = new AbortController();
          const choices = choice.videos.map((video) => ({ video, label: titleOf(video) }));
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

export type VideoWithLabel = { readonly video: HTMLVideoElement; readonly label: string };

/**
 * Lets the user choose one of several videos with a click or the keyboard. Escape or a click elsewhere closes the chooser,
 * as `signal` does. A layer over the page takes the clicks, so that the page gets none.
 */
function openChooser(
  choices: readonly VideoWithLabel[],
  deps: { readonly overlay: Overlay; readonly onChoose: (video: HTMLVideoElement) => void },
  signal: AbortSignal,
): void {
  const { overlay, onChoose } = deps;
  const closed = new AbortController();
  const life = AbortSignal.any([signal, closed.signal]);
  const close = (): void => closed.abort();
  const place = overlay.addPlace('', life);
  render(
    <VideoChooser
      labels={choices.map(({ label }) => label)}
      onLeave={close}
      onChoose={(index) => {
        close();
        const choice = choices[index];
        if (choice) onChoose(choice.video);
      }}
    />,
    place,
  );
  const frames = [...place.querySelectorAll<HTMLElement>('.choice')];

  let animation = 0;
  const follow = (): void => {
    overlay.cover(choices[0]!.video);
    choices.forEach(({ video }, index) => {
      const { left, top, width, height } = video.getBoundingClientRect();
      const { style } = frames[index]!;
      style.transform = `translate(${left}px, ${top}px)`;
      style.width = `${width}px`;
      style.height = `${height}px`;
    });
    if (choices.some(({ video }) => video.isConnected)) animation = requestAnimationFrame(follow);
    else close();
  };
  life.addEventListener('abort', () => {
    cancelAnimationFrame(animation);
    render(null, place);
  });
  follow();
  frames[0]?.focus({ preventScroll: true });

  const onKey = trusted((event) => {
    if ((event as KeyboardEvent).key !== 'Escape') return;
    event.preventDefault();
    event.stopImmediatePropagation();
    close();
  });
  listen(window, 'keydown', onKey, { capture: true, signal: life });
}
