import { drawnPath } from '../../utils/browser/content-box.ts';
import { listen, rectOf } from '../../utils/browser/dom.ts';
import { watchForMove } from '../../utils/browser/watch-move.ts';
import type { PageBox } from '../../utils/domain/content-messages.ts';

/** What a video shows, and how much of it the page leaves in sight. */
export type VideoMoment = {
  /** Time of the picture that is shown. */
  readonly seconds: number;
  /** The visible part of the video, in the viewport. */
  readonly visible: PageBox;
};

/** Each fiftieth of a video's area, so that the part that scrolling cuts off is known within a few pixels. */
const THRESHOLDS = Array.from({ length: 51 }, (_, index) => index / 50);
/** After this many animation frames without a move, only the observers watch the video. */
const STILL_AFTER_FRAMES = 3;

/**
 * Calls back with each picture that a video shows, and in each animation frame in which it moves, until `signal`. Nothing
 * runs while the video stands still and shows one picture.
 */
export function watchVideo(
  video: HTMLVideoElement,
  onMoment: (moment: VideoMoment) => void,
  signal: AbortSignal,
): void {
  let seconds = video.currentTime;
  let cut = { left: 0, top: 0, right: 0, bottom: 0 };
  let animation: number | null = null;
  let stillFrames = 0;
  let place = '';
  let moveWatch = new AbortController();

  const tell = (): void => {
    const { left, top, right, bottom } = rectOf(video);
    const visible = {
      left: left + cut.left,
      top: top + cut.top,
      width: right - left - cut.left - cut.right,
      height: bottom - top - cut.top - cut.bottom,
    };
    const next = [left, top, right, bottom].join();
    stillFrames = next === place ? stillFrames + 1 : 0;
    place = next;
    onMoment({ seconds, visible });
  };
  const draw = (): void => {
    animation = null;
    tell();
    if (stillFrames < STILL_AFTER_FRAMES) {
      animation = requestAnimationFrame(draw);
      return;
    }
    moveWatch.abort();
    moveWatch = new AbortController();
    watchForMove(video, onMove, AbortSignal.any([signal, moveWatch.signal]));
  };
  const onMove = (): void => {
    stillFrames = 0;
    animation ??= requestAnimationFrame(draw);
  };

  const onPicture = (_now: number, { mediaTime }: VideoFrameCallbackMetadata): void => {
    picture = video.requestVideoFrameCallback(onPicture);
    seconds = mediaTime;
    tell();
  };
  let picture = video.requestVideoFrameCallback(onPicture);

  const passively = { capture: true, passive: true, signal } as const;
  for (const type of ['scroll', 'resize']) listen(window, type, onMove, passively);
  listen(document, 'fullscreenchange', onMove, passively);
  // The picture may get another shape in an element of the same size.
  listen(video, 'resize', onMove, passively);
  const sizes = new ResizeObserver(onMove);
  sizes.observe(video);
  const intersections = new IntersectionObserver(
    (entries) => {
      const { boundingClientRect: whole, intersectionRect: seen } = entries.at(-1)!;
      cut = {
        left: seen.left - whole.left,
        top: seen.top - whole.top,
        right: whole.right - seen.right,
        bottom: whole.bottom - seen.bottom,
      };
      onMove();
    },
    { threshold: THRESHOLDS },
  );
  intersections.observe(video);
  // A page that mirrors a video or changes its `object-fit` moves none of its edges.
  const styles = new MutationObserver(onMove);
  for (const element of drawnPath(video)) styles.observe(element, { attributeFilter: ['class', 'style'] });
  onMove();

  signal.addEventListener('abort', () => {
    moveWatch.abort();
    if (animation !== null) cancelAnimationFrame(animation);
    video.cancelVideoFrameCallback(picture);
    sizes.disconnect();
    intersections.disconnect();
    styles.disconnect();
  });
}
