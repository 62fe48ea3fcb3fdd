/**
 * Pages with the habits of real players: how they feed their `<video>`, and how they change the element while the user
 * watches.
 */
const page = (title: string, body: string, script = ''): string => `<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <title>${title}</title>
  <style>body { margin: 1rem; font: 16px system-ui; } video { display: block; }</style>
  ${body}
  ${script === '' ? '' : `<script type="module">${script}</script>`}
</html>`;

const video = (attributes: string): string =>
  `<video ${attributes} muted playsinline width="640" height="360"></video>`;

/** Helpers that most of the scripts below use. */
const COMMON = `
  const video = document.querySelector('video');
  const bytesOf = async (url) => (await fetch(url)).arrayBuffer();
  const on = (target, name) => new Promise((done) => target.addEventListener(name, done, { once: true }));
  /** Feeds a file to a MediaSource piece by piece, as adaptive players do. */
  const feed = async (element, url, type) => {
    const source = new MediaSource();
    element.src = URL.createObjectURL(source);
    await on(source, 'sourceopen');
    const buffer = source.addSourceBuffer(type);
    const bytes = await bytesOf(url);
    const PIECE = 100_000;
    for (let at = 0; at < bytes.byteLength; at += PIECE) {
      buffer.appendBuffer(bytes.slice(at, at + PIECE));
      await on(buffer, 'updateend');
    }
    source.endOfStream();
  };
`;

const WEBM_TYPE = 'video/webm; codecs="vp9"';

/** Media Source Extensions: the element never sees an address. */
export const segmentsPage = (url: string): string =>
  page(
    'Fed by segments',
    video('loop'),
    `${COMMON} await feed(video, '${url}', '${WEBM_TYPE}'); await video.play();`,
  );

/** The whole file as a blob. */
export const blobPage = (url: string): string =>
  page(
    'A blob',
    video('loop'),
    `${COMMON} video.src = URL.createObjectURL(new Blob([await bytesOf('${url}')])); await video.play();`,
  );

/** A live stream: no address, no duration. */
export const livePage = (url: string): string =>
  page(
    'A live stream',
    video(''),
    `const hidden = document.createElement('video');
    Object.assign(hidden, { src: '${url}', muted: true, loop: true });
    await hidden.play();
    const video = document.querySelector('video');
    video.srcObject = hidden.captureStream();
    await video.play();`,
  );

/** A custom element: shadow root, blob, and a layer over the picture that swallows every event. */
export const customPlayerPage = (url: string): string =>
  page(
    'A custom player',
    '<odd-player></odd-player>',
    `${COMMON.replace("document.querySelector('video')", 'null')}
    const root = document.querySelector('odd-player').attachShadow({ mode: 'open' });
    root.innerHTML = '<div style="position: relative; width: 640px">${video('loop')}<div id="layer"></div></div>';
    const layer = root.querySelector('#layer');
    layer.style.cssText = 'position: absolute; inset: 0';
    for (const name of ['click', 'contextmenu', 'pointerdown', 'mousedown', 'mouseup', 'keydown']) {
      addEventListener(name, (event) => { event.stopImmediatePropagation(); event.preventDefault(); }, true);
    }
    const inner = root.querySelector('video');
    inner.src = URL.createObjectURL(new Blob([await bytesOf('${url}')]));
    await inner.play();`,
  );

/** Encrypted media with Clear Key, fed by a MediaSource. Key and its id in hexadecimal. */
export const clearKeyPage = (url: string, keyId: string, key: string): string =>
  page(
    'A protected video',
    video('loop'),
    `${COMMON}
    const base64url = (hex) => btoa(hex.match(/../g).map((byte) => String.fromCharCode(parseInt(byte, 16))).join(''))
      .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
    const access = await navigator.requestMediaKeySystemAccess('org.w3.clearkey', [
      { initDataTypes: ['webm'], videoCapabilities: [{ contentType: '${WEBM_TYPE}' }] },
    ]);
    const keys = await access.createMediaKeys();
    await video.setMediaKeys(keys);
    video.addEventListener('encrypted', async ({ initDataType, initData }) => {
      const session = keys.createSession();
      session.addEventListener('message', () => session.update(new TextEncoder().encode(JSON.stringify({
        keys: [{ kty: 'oct', kid: base64url('${keyId}'), k: base64url('${key}') }], type: 'temporary',
      }))));
      await session.generateRequest(initDataType, initData);
    });
    await feed(video, '${url}', '${WEBM_TYPE}');
    await video.play();`,
  );

/** Sound alone, in a video element: half a second of silence. */
export const soundOnlyPage = (): string => {
  const SAMPLES = 4000;
  const wav = Buffer.alloc(44 + SAMPLES);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + SAMPLES, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(8000, 24);
  wav.writeUInt32LE(8000, 28);
  wav.writeUInt16LE(1, 32);
  wav.writeUInt16LE(8, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(SAMPLES, 40);
  wav.fill(128, 44);
  return page('Sound alone', video(`src="data:audio/wav;base64,${wav.toString('base64')}" autoplay loop`));
};

/** As many videos as a long feed has. */
export const feedPage = (url: string, count: number): string =>
  page(
    'A feed',
    Array.from(
      { length: count },
      () => `<video src="${url}" muted loop playsinline preload="none" width="320" height="180"></video>`,
    ).join('\n'),
    `document.querySelector('video').play();`,
  );

/** Three that play, beside each other. */
export const threePage = (urls: readonly string[]): string =>
  page(
    'Three at once',
    `<div style="display: flex">${urls
      .map((url) => `<video src="${url}" autoplay muted loop playsinline width="400" height="225"></video>`)
      .join('')}</div>`,
  );

/** A video that has no size on the page. */
export const hiddenPage = (url: string): string =>
  page(
    'A video of no size',
    `<video src="${url}" autoplay muted loop playsinline style="width: 0; height: 0"></video>`,
  );

/** The page's own player, with the picture's parents for moving it about. */
export const movablePage = (url: string): string =>
  page(
    'A player that moves',
    `<div id="here">${video(`src="${url}" autoplay loop`)}</div><div id="there" style="margin-left: 100px"></div>`,
  );

/** Another document in a frame. */
export const framePage = (frameUrl: string): string =>
  page(
    'A player in a frame',
    `<iframe src="${frameUrl}" width="700" height="420" allow="autoplay"></iframe>`,
  );

/** Plays `url` once its service worker, at `workerUrl`, answers for it. */
export const servedPage = (url: string, workerUrl: string): string =>
  page(
    'A player behind a service worker',
    video('autoplay loop'),
    `await navigator.serviceWorker.register('${workerUrl}');
    if (navigator.serviceWorker.controller === null) {
      await new Promise((controlled) => navigator.serviceWorker.addEventListener('controllerchange', controlled));
    }
    document.querySelector('video').src = '${url}';`,
  );

/** A service worker that gives another of the site's own files in place of the one at `url`. */
export const exchangingWorker = (url: string, otherUrl: string): string => `
  addEventListener('install', () => skipWaiting());
  addEventListener('activate', (event) => event.waitUntil(clients.claim()));
  addEventListener('fetch', (event) => {
    const { url, headers } = event.request;
    if (url !== '${url}') return;
    event.respondWith(fetch('${otherUrl}', { headers: { range: headers.get('range') ?? 'bytes=0-' } }));
  });
`;
