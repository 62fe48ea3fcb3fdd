import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import type { ContentToHost } from '../../utils/domain/content-messages.ts';
import type { CutRegion, HostToContent } from '../../utils/domain/frames-port.ts';
import { EXTENSION_FOLDER } from './extension.ts';
import type { CheckOutcome, CheckTarget, PageVideo } from '../../utils/domain/page-video.ts';

/** What the page sees of a sent picture: sizes and a few pixels, since whole pictures are slow to hand to Node. */
type Sent = ContentToHost & { readonly receivedAtMilliseconds: number };

/** The built extension's texts, by key. */
type Texts = Readonly<Record<string, { readonly message: string }>>;

/** Controls of the stand-in for the extension, on `window.testHost` of the page. */
export type TestHost = {
  /** Everything that came over the ports, oldest first. */
  readonly received: Sent[];
  /** Everything that was sent as a message to the background. */
  readonly messages: { readonly name: string; readonly request: unknown }[];
  readonly openPorts: () => number;
  /** The overlay's closed shadow root. */
  readonly overlay: () => ShadowRoot | null;
  readonly send: (message: HostToContent) => void;
  /** As when the offscreen document crashes. */
  readonly disconnect: () => void;
  /** Whether frames are answered by themselves: one cut of `region` where the frame is not whole, then `frame-done`. */
  isAnswering: boolean;
  region: CutRegion;
  readonly ask: (name: string, request: unknown) => Promise<unknown>;
};

/**
 * Gives every page of the context what the content script expects of the browser, with a host that answers but
 * judges nothing. The script itself is the built one. It runs in the page's own world, not in an isolated one.
 */
export async function addFakeHost(context: BrowserContext): Promise<void> {
  const texts = await readFile(resolve(EXTENSION_FOLDER, '_locales/en/messages.json'), 'utf8');
  await context.addInitScript(installFakeHost, JSON.parse(texts) as Texts);
}

/** Puts the built content script into a page, as the background's `executeScript` does. */
export function injectContentScript(page: Page): Promise<void> {
  return injectScript(page, 'content');
}

/** The same with the one that finds videos on the screen, for which the content script would ask the background. */
export function injectScreenScript(page: Page): Promise<void> {
  return injectScript(page, 'screen');
}

/** The same with the one that draws the judged faces. */
export function injectFacesScript(page: Page): Promise<void> {
  return injectScript(page, 'faces');
}

async function injectScript(page: Page, name: 'content' | 'screen' | 'faces'): Promise<void> {
  const script = await readFile(resolve(EXTENSION_FOLDER, `content-scripts/${name}.js`), 'utf8');
  // WXT's bundle is one expression whose promise is the script's result.
  await page.evaluate(`(() => { ${script} })()`);
}

export function checkVideo(
  page: Page,
  target: CheckTarget,
  framesAsked: number | null = 15,
): Promise<CheckOutcome> {
  return ask(page, 'checkVideo', { target, framesAsked, ticket: 'ticket' }) as Promise<CheckOutcome>;
}

export function listVideos(page: Page): Promise<readonly PageVideo[]> {
  return ask(page, 'listVideos', null) as Promise<readonly PageVideo[]>;
}

/** Asks the content script as the background would. */
export function ask(page: Page, name: string, request: unknown): Promise<unknown> {
  return page.evaluate(
    ([messageName, messageRequest]) => testHostOf(window).ask(messageName, messageRequest),
    [name, request] as const,
  );
}

// The functions below run in the page, as text: they use nothing from outside themselves but this name, which
// `installFakeHost` defines there.
declare function testHostOf(page: Window): TestHost;

function installFakeHost(texts: Texts): void {
  type Listener = (...values: unknown[]) => unknown;
  const createEvent = () => {
    const listeners = new Set<Listener>();
    return {
      addListener: (listener: Listener) => void listeners.add(listener),
      removeListener: (listener: Listener) => void listeners.delete(listener),
      emit: (...values: unknown[]) => [...listeners].map((listener) => listener(...values)),
    };
  };
  const onMessage = createEvent();
  const onConnect = createEvent();
  const ports = new Set<{ emit: (message: unknown) => void; drop: () => void }>();
  let overlay: ShadowRoot | null = null;
  const attachShadow = Object.getOwnPropertyDescriptor(Element.prototype, 'attachShadow')!
    .value as Element['attachShadow'];
  Element.prototype.attachShadow = function (this: Element, init) {
    const root = attachShadow.call(this, init);
    if (init.mode === 'closed') overlay = root;
    return root;
  };

  const host: TestHost = {
    received: [],
    messages: [],
    openPorts: () => ports.size,
    overlay: () => overlay,
    send: (message) => ports.forEach(({ emit }) => emit(message)),
    disconnect: () => ports.forEach(({ drop }) => drop()),
    isAnswering: true,
    region: { left: 0, top: 0, width: 96, height: 96, outWidth: 96, outHeight: 96 },
    ask: (name, request) =>
      new Promise((answer, fail) => {
        const [isOwned] = onMessage.emit(
          { name, request },
          { id: 'fake', url: 'fake:///popup.html' },
          (reply: unknown) => {
            const { ok, value, error } = reply as { ok: boolean; value: unknown; error?: { code: string } };
            if (ok) answer(value);
            else fail(new Error(error?.code ?? 'refused'));
          },
        );
        if (isOwned !== true) fail(new Error(`nobody answers ${name}`));
      }),
  };
  const answer = (message: ContentToHost, emit: (reply: unknown) => void): void => {
    if (!host.isAnswering) return;
    if (message.type === 'start') {
      emit({ type: 'state', state: { kind: 'loading-model' }, evidence: [] });
    } else if (message.type === 'frame') {
      emit({ type: 'cut', frameIndex: message.frameIndex, regions: [host.region] });
    } else if (message.type === 'cuts' || message.type === 'stored-frame') {
      const framesScanned = message.frameIndex + 1;
      emit({ type: 'state', state: { kind: 'running', framesScanned, framesAsked: 15 }, evidence: [] });
      emit({ type: 'frame-done', frameIndex: message.frameIndex });
    }
  };
  const connect = () => {
    const toContent = createEvent();
    const onDisconnect = createEvent();
    const emit = (message: unknown): void => void toContent.emit(structuredClone(message));
    const port = {
      emit,
      drop: () => {
        ports.delete(port);
        onDisconnect.emit();
      },
    };
    ports.add(port);
    const parts: Uint8ClampedArray[] = [];
    return {
      onMessage: toContent,
      onDisconnect,
      postMessage: (message: ContentToHost) => {
        const copy = structuredClone(message);
        if (copy.type === 'frame-part') {
          parts.push(copy.bytes);
          return;
        }
        if (copy.type === 'stored-frame') {
          const all = [...parts.splice(0), copy.stored.bytes];
          const bytes = new Uint8ClampedArray(all.reduce((sum, { length }) => sum + length, 0));
          all.reduce((at, part) => (bytes.set(part, at), at + part.length), 0);
          Object.assign(copy.stored, { bytes });
        }
        host.received.push({ ...copy, receivedAtMilliseconds: performance.now() });
        // As a real port: never in the same task.
        setTimeout(() => answer(copy, emit));
      },
      disconnect: () => void ports.delete(port),
    };
  };
  Object.assign(globalThis, {
    testHost: host,
    testHostOf: () => host,
    // The polyfill looks here for whether it is in an extension at all.
    chrome: { runtime: { id: 'fake' } },
    browser: {
      runtime: {
        id: 'fake',
        getURL: (path: string) => `fake://${path}`,
        onMessage,
        onConnect,
        connect,
        sendMessage: (message: { name: string; request: unknown }) => {
          host.messages.push(message);
          const value = message.name === 'askAgain' ? { ticket: 'again', framesAsked: 15 } : null;
          return Promise.resolve({ ok: true, value });
        },
      },
      extension: { inIncognitoContext: false },
      i18n: { getMessage: (key: string) => texts[key]?.message ?? '' },
    },
  });
}
