import type { TestVideoName } from '../fixtures/videos/scenes.ts';

/** The text under each video of the demo page. */
const CAPTIONS = {
  'one-face.mp4': 'One person. This is the one that the demo checks by itself.',
  'two-faces.mp4': 'Two people: each is judged, the more suspicious one decides.',
  'no-face.mp4': 'Nobody to check.',
  'tiny-face.mp4': 'A face smaller than those the network was trained on.',
} as const satisfies Partial<Record<TestVideoName, string>>;

/** The demo's page: the project's own videos, as a site would show them. */
export const DEMO_PAGE = `<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <meta name="viewport" content="width=device-width" />
  <title>TrueFrame demo</title>
  <style>
    :root { color-scheme: light dark; }
    body { margin: 2rem auto; max-width: 960px; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; }
    h1 { font-size: 1.5rem; }
    figure { margin: 2rem 0; }
    video { display: block; width: 100%; border-radius: 6px; }
    figcaption { margin-top: 0.5rem; }
  </style>
  <h1>TrueFrame demo</h1>
  <p>Right-click a video and choose <b>Check this video</b>, or press the button in the toolbar.</p>
  ${Object.entries(CAPTIONS)
    .map(
      ([name, caption]) => `<figure>
    <video src="/videos/${name}" autoplay muted loop playsinline></video>
    <figcaption>${caption}</figcaption>
  </figure>`,
    )
    .join('\n  ')}
</html>`;
