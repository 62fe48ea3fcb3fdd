/**
 * An endless feed as sites build them: a few elements that are filled again when they scroll out at one end, videos
 * that play muted while they are in sight, and links to each post. Runs in the page.
 */
import { kindOfPost, postPath, type FeedKind } from './kinds.ts';

const POST_HEIGHT_PIXELS = 560;
const CELLS = 5;
const POSTS_A_TAB = 150;
/** From this visible share on, a video plays. */
const PLAYING_SHARE = 0.6;

type Cell = { readonly article: HTMLElement; readonly stage: HTMLElement; post: number | null };

/** The functions for the test, on `window.feed`. */
export type Feed = {
  /** Scrolls as a thumb does: some steps in half a second. */
  readonly scrollToPost: (post: number) => Promise<void>;
  /** Single-page navigation: another address, other posts, the same elements. */
  readonly openTab: (tab: number) => void;
  /** Posts in which an element lies over the post's own sound button, at the picture's top left. */
  readonly coveredButtons: () => readonly number[];
  /** Every video on the page with its post and its place in the viewport. */
  readonly videos: () => readonly FeedVideo[];
};
export type FeedVideo = {
  readonly post: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly isPlaying: boolean;
};

const list = document.querySelector<HTMLElement>('main')!;
list.style.height = `${String(POST_HEIGHT_PIXELS * POSTS_A_TAB)}px`;
let firstPost = 0;

const sight = new IntersectionObserver(
  (entries) => {
    for (const { target, intersectionRatio } of entries) {
      const video = target as HTMLVideoElement;
      if (intersectionRatio >= PLAYING_SHARE) void video.play().catch(() => undefined);
      else video.pause();
    }
  },
  { threshold: [0, PLAYING_SHARE] },
);

class FeedPlayer extends HTMLElement {
  readonly video = document.createElement('video');
  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.innerHTML = '<style>video { width: 100%; height: 100% }</style>';
    root.append(this.video);
  }
}
customElements.define('feed-player', FeedPlayer);

const cells: Cell[] = Array.from({ length: CELLS }, () => {
  const article = document.createElement('article');
  const stage = document.createElement('div');
  stage.className = 'stage';
  const link = document.createElement('a');
  const sound = document.createElement('button');
  sound.textContent = 'Sound';
  article.append(link, stage, sound);
  list.append(article);
  return { article, stage, post: null };
});

function newVideo(): HTMLVideoElement {
  const video = document.createElement('video');
  prepare(video);
  return video;
}

function prepare(video: HTMLVideoElement): void {
  video.muted = true;
  video.loop = true;
  video.playsInline = true;
  sight.observe(video);
}

/** Elements are used again where they fit, as feeds do to save time; others are removed. */
function fill(cell: Cell, post: number): void {
  if (cell.post === post) return;
  cell.post = post;
  const { article, stage } = cell;
  article.dataset.post = String(post);
  article.style.transform = `translateY(${String((post - firstPost) * POST_HEIGHT_PIXELS)}px)`;
  const link = article.querySelector('a')!;
  link.href = postPath(post);
  link.textContent = `Post ${String(post)}`;
  const kind = kindOfPost(post);
  article.querySelector('button')!.hidden = !hasSoundButton(post);
  // The signature differs each time; the file's own address stays the same.
  const address = `/videos/${kind.clip}?post=${String(post)}&Expires=${String(Date.now())}&Signature=${String(Math.random())}`;
  switch (kind.player) {
    case 'file':
    case 'mse':
      play(kind, address, reuse(stage, HTMLVideoElement, newVideo));
      return;
    case 'shadow': {
      const player = reuse(stage, FeedPlayer, () => {
        const created = new FeedPlayer();
        prepare(created.video);
        return created;
      });
      player.video.src = address;
      return;
    }
    case 'frame': {
      const frame = reuse(stage, HTMLIFrameElement, () => document.createElement('iframe'));
      frame.src = `/feed-frame?${address}#${String(post)}`;
    }
  }
}

/** Every other player has one; those in frames have their own page's controls. */
function hasSoundButton(post: number): boolean {
  return post % 2 === 0 && kindOfPost(post).player !== 'frame';
}

function reuse<Kind extends HTMLElement>(stage: HTMLElement, type: new () => Kind, create: () => Kind): Kind {
  const child = stage.firstElementChild;
  if (child instanceof type) return child;
  const created = create();
  discard(child);
  stage.replaceChildren(created);
  return created;
}

/** HTML, "best practices for authors using media elements": a removed element frees its decoder and its data. */
function discard(child: Element | null): void {
  const video = child instanceof FeedPlayer ? child.video : child;
  if (!(video instanceof HTMLVideoElement)) return;
  sight.unobserve(video);
  video.removeAttribute('src');
  video.load();
}

function play({ clip, player }: FeedKind, address: string, video: HTMLVideoElement): void {
  if (player === 'file') {
    video.src = address;
    return;
  }
  const source = new MediaSource();
  video.src = URL.createObjectURL(source);
  source.addEventListener('sourceopen', () => {
    URL.revokeObjectURL(video.src);
    const buffer = source.addSourceBuffer('video/webm; codecs="vp9"');
    void bytesOf(clip, address).then((bytes) => {
      if (source.readyState !== 'open') return;
      buffer.addEventListener('updateend', () => source.endOfStream(), { once: true });
      buffer.appendBuffer(bytes);
    });
  });
}

/**
 * Each clip is fetched once: the driver keeps the body of every answer in the page's process, whose memory is measured.
 */
const clips = new Map<string, Promise<ArrayBuffer>>();
function bytesOf(clip: string, address: string): Promise<ArrayBuffer> {
  const bytes = clips.get(clip) ?? fetch(address).then((response) => response.arrayBuffer());
  clips.set(clip, bytes);
  return bytes;
}

function lay(): void {
  const middle = Math.floor((scrollY + innerHeight / 2) / POST_HEIGHT_PIXELS);
  const from = Math.max(0, Math.min(POSTS_A_TAB - CELLS, middle - Math.floor(CELLS / 2)));
  const wanted = Array.from({ length: CELLS }, (_, index) => firstPost + from + index);
  const free = cells.filter(({ post }) => post === null || !wanted.includes(post));
  for (const post of wanted) {
    if (!cells.some((cell) => cell.post === post)) fill(free.shift()!, post);
  }
}

const videoIn = (stage: HTMLElement): HTMLVideoElement | null => {
  const child = stage.firstElementChild;
  if (child instanceof HTMLVideoElement) return child;
  if (child instanceof FeedPlayer) return child.video;
  if (child instanceof HTMLIFrameElement) return child.contentDocument?.querySelector('video') ?? null;
  return null;
};

const feed: Feed = {
  scrollToPost: async (post) => {
    const from = scrollY;
    const to = (post - firstPost) * POST_HEIGHT_PIXELS;
    const steps = 12;
    for (let step = 1; step <= steps; step++) {
      scrollTo(0, from + ((to - from) * step) / steps);
      await new Promise((drawn) => requestAnimationFrame(drawn));
    }
  },
  openTab: (tab) => {
    history.pushState(null, '', `/feed?tab=${String(tab)}`);
    firstPost = tab * POSTS_A_TAB;
    scrollTo(0, 0);
    lay();
  },
  coveredButtons: () =>
    cells.flatMap(({ article, post }) => {
      if (post === null || !hasSoundButton(post)) return [];
      const button = article.querySelector('button')!;
      const { left, top, width, height } = button.getBoundingClientRect();
      const at = document.elementFromPoint(left + width / 2, top + height / 2);
      // No element is found outside the viewport.
      return at === null || at === button ? [] : [post];
    }),
  videos: () =>
    cells.flatMap(({ stage, post }) => {
      const video = videoIn(stage);
      if (video === null || post === null) return [];
      const outer = stage.getBoundingClientRect();
      const inner = video.getBoundingClientRect();
      const isFramed = video.ownerDocument !== document;
      return [
        {
          post,
          left: inner.left + (isFramed ? outer.left : 0),
          top: inner.top + (isFramed ? outer.top : 0),
          width: inner.width,
          height: inner.height,
          isPlaying: !video.paused,
        },
      ];
    }),
};

addEventListener('scroll', lay, { passive: true });
lay();
Object.assign(globalThis, { feed });
