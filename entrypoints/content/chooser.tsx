import { render } from 'preact';
import { VideoChooser } from '../../components/badge/video-chooser.tsx';
import type { Overlay } from './overlay.ts';

/**
 * Lets the user choose one of several videos with a click or the keyboard; Escape and a click elsewhere leave. A
 * shield over the page takes the click, so that the page gets none.
 * @param labels one for each video
 */
export function openChooser(
  videos: readonly HTMLVideoElement[],
  labels: readonly string[],
  overlay: Overlay,
  onChoose: (video: HTMLVideoElement) => void,
  signal: AbortSignal,
): { readonly close: () => void } {
  const closed = new AbortController();
  const life = AbortSignal.any([signal, closed.signal]);
  const close = (): void => closed.abort();
  const place = overlay.addPlace('', life);
  render(
    <VideoChooser
      labels={labels}
      onLeave={close}
      onChoose={(index) => {
        close();
        const video = videos[index];
        if (video) onChoose(video);
      }}
    />,
    place,
  );
  const frames = [...place.querySelectorAll<HTMLElement>('.choice')];

  let animation = 0;
  const follow = (): void => {
    overlay.cover(videos[0]!);
    videos.forEach((video, index) => {
      const { left, top, width, height } = video.getBoundingClientRect();
      const { style } = frames[index]!;
      style.transform = `translate(${left}px, ${top}px)`;
      style.width = `${width}px`;
      style.height = `${height}px`;
    });
    if (videos.some((video) => video.isConnected)) animation = requestAnimationFrame(follow);
    else close();
  };
  follow();
  frames[0]?.focus({ preventScroll: true });

  addEventListener(
    'keydown',
    (event) => {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      event.stopImmediatePropagation();
      close();
    },
    { capture: true, signal: life },
  );
  life.addEventListener('abort', () => {
    cancelAnimationFrame(animation);
    render(null, place);
  });
  return { close };
}
