/** The feed's own page, and that of its nested frames. */
export const FEED_PAGES = {
  '/feed': `<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <title>A feed</title>
  <style>
    body { margin: 0; font: 16px system-ui; }
    main { position: relative; max-width: 640px; margin: 0 auto; }
    article { position: absolute; inset: 0 0 auto 0; height: 540px; }
    .stage { height: 480px; background: #222; }
    article > button { position: absolute; left: 10px; top: 86px; width: 72px; height: 28px; }
    .stage > * { display: block; width: 100%; height: 100%; border: 0; }
  </style>
  <main></main>
  <script type="module" src="/feed/feed.page.ts"></script>
</html>`,
  '/feed-frame': `<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <title>An embedded player</title>
  <style>body { margin: 0 } video { width: 100vw; height: 100vh; display: block }</style>
  <video muted loop playsinline></video>
  <script>
    const video = document.querySelector('video');
    video.src = location.search.slice(1);
    new IntersectionObserver(([{ intersectionRatio }]) => {
      if (intersectionRatio >= 0.6) void video.play().catch(() => undefined);
      else video.pause();
    }, { threshold: [0, 0.6] }).observe(video);
  </script>
</html>`,
} as const;
