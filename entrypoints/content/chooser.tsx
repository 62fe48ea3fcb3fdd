import { render } from 'preact';
import { VideoChooser } from '../../components/badge/video-chooser.tsx';
import type { Overlay } from './overlay.ts';

export type VideoWithLabel = { readonly video: HTMLVideoElement; readonly label: string };

/**
 * Lets the user choose one of several videos with a click or the keyboard. Escape or a click elsewhere closes the chooser,
 * as `signal` does. A layer over the page takes the clicks, so that the page gets none.
 */
export function openChooser(
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
}
