import { ensureTestVideos, TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import { makeDemoModel, type DemoModelOptions } from '../fixtures/networks/demo-model.ts';
import { startDriver, type Driver } from './driver.ts';
import { TEST_EXTENSION_FOLDER } from './extension.ts';
import type { ExtensionGlobal } from './extension-global.ts';
import { installModel } from './install-model.ts';
import { overlayPage, plainPage, severalVideosPage, shadowRootPage, stillPage } from './site/pages.ts';
import { startRefusingProxy, type RefusingProxy } from './refusing-proxy.ts';
import { startSite, type Site } from './site/server.ts';

const VIDEO = '/videos/one-face.mp4';

/** The site's pages by path. */
const PAGES = {
  '/plain': plainPage(VIDEO),
  '/full-hd': plainPage('/videos/one-face-1080p.mp4'),
  '/small': plainPage('/videos/another-face.mp4'),
  '/overlay': overlayPage(VIDEO),
  '/shadow-root': shadowRootPage(VIDEO),
  '/several': severalVideosPage([VIDEO, '/videos/two-faces.mp4']),
  '/no-face': plainPage('/videos/no-face.mp4'),
  '/two-faces': plainPage('/videos/two-faces.mp4'),
  '/tiny-face': plainPage('/videos/tiny-face.mp4'),
  '/blurred': plainPage('/videos/blurred-face.mp4'),
  '/squeezed': plainPage('/videos/squeezed-face.webm'),
  '/still': stillPage(VIDEO),
} as const;

/** A local site with the project's own videos, and a Chromium with the extension and a stand-in network. */
export type World = {
  readonly driver: Driver;
  readonly site: Site;
  /** Sees, and refuses, whatever is not for this machine. */
  readonly proxy: RefusingProxy;
  /** Folder of the installed network, for `npm run score`; null where none is installed. */
  readonly modelFolder: string | null;
  readonly urlOf: (path: keyof typeof PAGES) => string;
  readonly close: () => Promise<void>;
};

/** @param network `none`: as after a fresh install; `tiny`: 64 × 64 pixels; `published`: the published sizes */
export async function startWorld(
  options: {
    readonly network?: 'none' | 'tiny' | 'published';
    /** false: without the mark of a stand-in, to see how a real network's verdict is said. */
    readonly isDemo?: boolean;
    readonly folders?: Readonly<Record<string, string>>;
    /** Further pages by path. */
    readonly pages?: Readonly<Record<string, string>>;
    readonly silentPaths?: readonly string[];
    /** `test`: the build whose automatic scans do not pause while the machine is busy. */
    readonly build?: 'shipped' | 'test';
    /** Hosts that the user has let the extension read from. */
    readonly allowedHosts?: readonly string[];
    /** See `launchChromium`. */
    readonly display?: string;
    readonly pixelsPerPoint?: number;
    readonly keepsPages?: boolean;
    /** See `makeDemoModel`. */
    readonly opinion?: DemoModelOptions['opinion'];
  } = {},
): Promise<World> {
  const { network = 'tiny', isDemo = true, folders = {}, pages = {}, allowedHosts = [], opinion } = options;
  const { pixelsPerPoint, keepsPages = false, build = 'shipped' } = options;
  const closing: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    // In reverse, and to the end even where a later start failed.
    for (const stop of closing.reverse()) await stop();
  };
  try {
    await ensureTestVideos();
    const site = await startSite({
      pages: { ...PAGES, ...pages },
      folders: { '/videos/': TEST_VIDEO_FOLDER, ...folders },
      silentPaths: options.silentPaths ?? [],
    });
    closing.push(site.close);
    const proxy = await startRefusingProxy();
    closing.push(proxy.close);
    const driver = await startDriver({
      proxyAddress: proxy.address,
      allowedHosts,
      keepsPages,
      ...(build === 'test' && { extensionDirectory: TEST_EXTENSION_FOLDER }),
      ...(pixelsPerPoint !== undefined && { pixelsPerPoint }),
      ...(options.display !== undefined && { display: options.display, isHeaded: true }),
    });
    closing.push(driver.close);
    let modelFolder: string | null = null;
    if (network !== 'none') {
      // Of the published sizes 120 MB instead of 240, for which it is as slow.
      const dtype = network === 'published' ? 'fp16' : 'fp32';
      modelFolder = await makeDemoModel({ sizes: network, dtype, isDemo, ...(opinion && { opinion }) });
      await installModel(driver.extension.context, modelFolder);
    }
    return { driver, site, proxy, modelFolder, urlOf: (path) => site.origin + path, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Videos of pages that are opened from now on play four times as fast. A check takes its frames over one whole turn of a
 * video, so it is over in a second; for tests that are not about the time that it takes.
 */
export async function playFaster({ driver }: World): Promise<void> {
  await driver.extension.context.addInitScript(() => {
    if (!location.protocol.startsWith('http')) return;
    document.addEventListener(
      'loadedmetadata',
      ({ target }) => {
        // One that ends would end before its frames are taken.
        if (target instanceof HTMLVideoElement && target.loop) target.playbackRate = 4;
      },
      { capture: true },
    );
  });
}

/** As the options page would leave it; checks that run already go on as they were asked for. */
export async function askForFrames({ probe }: Driver, framesAsked: number): Promise<void> {
  await probe.evaluate(
    (items) => (globalThis as unknown as ExtensionGlobal).chrome.storage.local.set(items),
    { settings: { framesAsked } },
  );
}
