import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.mock('wxt/browser', () => ({ browser: {} }));
const { createVideoWatch } = await import('../../../../entrypoints/badges.content/video-watch.ts');

/** The parts of the browser that the watch needs: an observer to which the test reports visible parts. */
class FakeObserver {
  static readonly all: FakeObserver[] = [];
  readonly observed = new Set<unknown>();
  readonly tell: (entries: readonly object[]) => void;
  constructor(tell: (entries: readonly object[]) => void) {
    this.tell = tell;
    FakeObserver.all.push(this);
  }
  observe(target: unknown): void {
    this.observed.add(target);
  }
  unobserve(target: unknown): void {
    this.observed.delete(target);
  }
  disconnect(): void {
    this.observed.clear();
  }
}

/** A video that plays; the watch listens to it and reads no more of it. */
class PlayingVideo extends EventTarget {
  isConnected = true;
  readonly paused = false;
  readonly ended = false;
  readonly readyState = 4;
  readonly HAVE_CURRENT_DATA = 2;
}

const SIZE = { width: 640, height: 360 };
let life: AbortController;

beforeEach(() => {
  vi.useFakeTimers();
  FakeObserver.all.length = 0;
  vi.stubGlobal('IntersectionObserver', FakeObserver);
  vi.stubGlobal('ResizeObserver', FakeObserver);
  vi.stubGlobal('innerWidth', 1000);
  vi.stubGlobal('innerHeight', 700);
  class VisibleDocument extends EventTarget {
    state = 'visible';
    get visibilityState() {
      return this.state;
    }
  }
  vi.stubGlobal('Document', VisibleDocument);
  vi.stubGlobal('document', new VisibleDocument());
  life = new AbortController();
});
afterEach(() => {
  life.abort();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

type OnEnd = (outcome: 'done' | 'failed' | 'later') => void;

/** A watch with one video in full sight. @param start of each check */
function watchOne(start: (onEnd: OnEnd) => void) {
  const video = new PlayingVideo();
  const end = vi.fn();
  const checks = {
    start: vi.fn((_video: unknown, onEnd: OnEnd) => {
      start(onEnd);
      return { hold: () => undefined, end };
    }),
    endAll: () => undefined,
    showInFullScreen: () => undefined,
  };
  const watch = createVideoWatch(
    {
      checks: () => Promise.resolve(checks),
      isAlive: () => true,
      pauseLeft: () => Promise.resolve(null),
      onExtensionGone: () => undefined,
    },
    life.signal,
  );
  watch.add(video as unknown as HTMLVideoElement);
  const [intersections, sizes] = FakeObserver.all as [FakeObserver, FakeObserver];
  const see = (rect: typeof SIZE, whole = SIZE): void =>
    intersections.tell([{ target: video, intersectionRect: rect, boundingClientRect: whole }]);
  return { video, checks, end, intersections, sizes, see };
}

test('a check that failed is made again by itself, three times in all, each time after a longer wait', async () => {
  const startedAt: number[] = [];
  const { see } = watchOne((onEnd) => {
    startedAt.push(Date.now());
    setTimeout(() => onEnd('failed'));
  });
  const begin = Date.now();
  see(SIZE);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(startedAt.map((at) => Math.round((at - begin) / 1000))).toEqual([1, 7, 18]);
});

test('a check that is done is not made again', async () => {
  const { checks, see } = watchOne((onEnd) => setTimeout(() => onEnd('done')));
  see(SIZE);
  await vi.advanceTimersByTimeAsync(120_000);
  expect(checks.start).toHaveBeenCalledOnce();
});

test('a video whose size changes is observed anew, which tells of its size', () => {
  const { video, intersections, sizes } = watchOne(() => undefined);
  intersections.observed.clear();
  sizes.tell([{ target: video }]);
  expect(intersections.observed).toContain(video);
});

test('a video that has left the page is let go, and its check ended; one that came back is kept', async () => {
  const { video, end, intersections, sizes, see } = watchOne(() => undefined);
  see(SIZE);
  await vi.advanceTimersByTimeAsync(2000);
  const away = (): void => {
    video.isConnected = false;
    see({ width: 0, height: 0 }, { width: 0, height: 0 });
  };
  away();
  await vi.advanceTimersByTimeAsync(1000);
  video.isConnected = true;
  see(SIZE);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(end).not.toHaveBeenCalled();
  expect(intersections.observed).toContain(video);

  away();
  await vi.advanceTimersByTimeAsync(16_000);
  expect(end).toHaveBeenCalledOnce();
  expect([intersections.observed.size, sizes.observed.size, vi.getTimerCount()]).toEqual([0, 0, 0]);
});
