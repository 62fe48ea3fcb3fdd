/**
 * The pages of the local site: ways in which web sites place their videos. Each takes the address of a video and plays
 * it muted in a loop, as browsers allow without a click.
 */
type PageOf = (videoUrl: string) => string;

const htmlPage = (title: string, body: string): string => `<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <title>${title}</title>
  <style>
    body { margin: 2rem auto; max-width: 1280px; font: 16px system-ui; }
    video { display: block; width: 100%; }
    .player { position: relative; }
    .overlay { position: absolute; inset: 0; }
  </style>
  <h1>${title}</h1>
  ${body}
</html>`;

const player = (videoUrl: string): string =>
  `<video src="${videoUrl}" autoplay muted loop playsinline></video>`;

/** A video and nothing over it. */
export const plainPage: PageOf = (videoUrl) => htmlPage('A plain video', player(videoUrl));

/** A video of another origin that the page itself may read. */
export const corsPage: PageOf = (videoUrl) => plainPage(videoUrl).replace('<video ', '<video crossorigin ');

/** A video that was never started. */
export const stillPage: PageOf = (videoUrl) =>
  htmlPage('A paused video', `<video src="${videoUrl}" muted playsinline preload="auto"></video>`);

/** A transparent element takes every click, as most players' controls do. */
export const overlayPage: PageOf = (videoUrl) =>
  htmlPage(
    'A video under an overlay',
    `<div class="player">${player(videoUrl)}<div class="overlay" role="button" aria-label="Pause"></div></div>`,
  );

/** The video is in an open shadow root, as custom player elements have it. */
export const shadowRootPage: PageOf = (videoUrl) =>
  htmlPage(
    'A video in a shadow root',
    `<site-player></site-player>
    <script>
      document.querySelector('site-player').attachShadow({ mode: 'open' }).innerHTML =
        ${JSON.stringify(`<style>video { display: block; width: 100% }</style>${player(videoUrl)}`)};
    </script>`,
  );

/** Videos of the same size side by side: the user has to choose one. */
export const severalVideosPage = (videoUrls: readonly string[]): string =>
  htmlPage(
    'Several videos',
    `<div style="display: grid; grid-auto-flow: column; gap: 1rem">${videoUrls.map(player).join('\n')}</div>`,
  );

/** A video of its own size, pixel for pixel, at the top left: a screen of one pixel a point scales nothing. */
export const unscaledPage = (videoUrl: string, style = ''): string => `<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <title>A video in its own size</title>
  <style>body { margin: 0; } video { display: block; ${style} }</style>
  ${player(videoUrl)}
</html>`;

/** The same page with a video that was never started: it always shows the same frame. */
export const stillUnscaledPage = (videoUrl: string, style: string): string =>
  unscaledPage(videoUrl, style).replace(' autoplay', ' preload="auto"');
