import { useEffect, useRef, useState } from 'preact/hooks';
import type { ScanState, ScannedVideo } from '../../utils/domain/scan.ts';
import { browser } from 'wxt/browser';
import { CHECK_PORT } from '../../utils/domain/frames-port.ts';
import type { CheckRequest } from '../../utils/domain/frames-port.ts';
import { chooseFrames } from '../../models/frames/images-source.ts';
import { ask } from '../../utils/browser/messages.ts';
import { plainText, withoutCredentials } from '../../utils/domain/addresses.ts';
import { isFinal } from '../../utils/domain/scan.ts';
import { readSettings } from '../../utils/browser/settings.ts';

export type ShownCheck = {
  readonly checkable: Checkable;
  readonly scanId: string;
  readonly state: ScanState;
};

/** The page's one check. A new check replaces the one before. */
export function useCheck(): {
  readonly shown: ShownCheck | null;
  readonly start: (checkable: Checkable) => void;
  readonly cancel: () => void;
} {
  const [shown, setShown] = useState<ShownCheck | null>(null);
  const running = useRef<RunningCheck | null>(null);
  useEffect(() => () => running.current?.cancel(), []);

  return {
    shown,
    start: (checkable) => {
      running.current?.cancel();
      let scanId = '';
      const check = startCheck(checkable, (state) => {
        // The states of a replaced check are not shown.
        if (scanId === '' || running.current?.scanId === scanId) setShown({ checkable, scanId, state });
      });
      scanId = check.scanId;
      running.current = check;
      setShown({ checkable, scanId, state: { kind: 'loading-model' } });
    },
    cancel: () => running.current?.cancel(),
  };
}

export type RunningCheck = { readonly scanId: string; readonly cancel: () => void };

/**
 * Lets the host read and check a file or an address.
 * @param onState every change, up to the final state
 */
function startCheck(checkable: Checkable, onState: (state: ScanState) => void): RunningCheck {
  const scanId = crypto.randomUUID();
  let isOver = false;
  let close = (): void => undefined;

  const show = (state: ScanState): void => {
    if (isOver) return;
    isOver = isFinal(state);
    if (isOver) close();
    onState(state);
  };
  const loseHost = (error: unknown): void =>
    show({ kind: 'failed', code: 'host-lost', message: String(error) });

  const run = async (): Promise<void> => {
    const { framesAsked } = await readSettings();
    await ask('background', 'openHost', null);
    if (isOver) return;
    const port = browser.runtime.connect({ name: CHECK_PORT });
    close = () => port.disconnect();
    port.onDisconnect.addListener(() => loseHost('the host went away'));
    // Only the host listens on this port, so only the host speaks on it.
    port.onMessage.addListener((state: unknown) => show(state as ScanState));
    port.postMessage({
      scanId,
      video: describeCheckable(checkable),
      framesAsked,
      ...(checkable.kind === 'file' && { file: checkable.file }),
      ...(checkable.kind === 'images' && { images: chooseFrames(checkable.files, framesAsked) }),
    } satisfies CheckRequest);
  };

  show({ kind: 'loading-model' });
  run().catch(loseHost);
  return { scanId, cancel: () => show({ kind: 'cancelled' }) };
}

/** The file, the frames of one video, or the address of a file, that the user has given. */
export type Checkable =
  | { readonly kind: 'file'; readonly file: File }
  /**
   * `name` is that of the folder or of the first picture. Files that are no pictures are left out when they are read.
   */
  | { readonly kind: 'images'; readonly name: string; readonly files: readonly File[] }
  | { readonly kind: 'address'; readonly url: string };

/**
 * The web address in a text that the user typed or pasted, without its fragment, name and password; null where the text
 * is no web address.
 */
export function readAddress(text: string): string | null {
  const typed = text.trim();
  const address = /^[a-z][a-z\d+.-]*:/i.test(typed) && !/^[^/:]+:\d/.test(typed) ? typed : `https://${typed}`;
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
  url.hash = '';
  return withoutCredentials(url.href);
}

/** The page knows nothing of the picture, since only the host opens it. */
const UNKNOWN = { widthPixels: 0, heightPixels: 0, durationSeconds: null } as const;

/** The description for the history. The browser does not tell the path of a file, so the file's name stands for it. */
export function describeCheckable(checkable: Checkable): ScannedVideo {
  switch (checkable.kind) {
    case 'file':
    case 'images': {
      const name = plainText(checkable.kind === 'file' ? checkable.file.name : checkable.name);
      return { pageUrl: `file:///${encodeURIComponent(name)}`, title: name, fileUrl: null, ...UNKNOWN };
    }
    case 'address': {
      const { url } = checkable;
      const name = new URL(url).pathname.split('/').at(-1) ?? '';
      return { pageUrl: url, title: name === '' ? url : name, fileUrl: url, ...UNKNOWN };
    }
  }
}
