import type { ScannedVideo } from '../../utils/domain/scan.ts';

/** What the user has given: a file, or the address of one. */
export type Checkable =
  { readonly kind: 'file'; readonly file: File } | { readonly kind: 'address'; readonly url: string };

/** The address in a text that somebody typed or pasted, without fragment; null where there is none on the web. */
export function readAddress(text: string): string | null {
  const typed = text.trim();
  const address = /^[a-z][a-z\d+.-]*:/i.test(typed) && !/^[^/:]+:\d/.test(typed) ? typed : `https://${typed}`;
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
  url.hash = '';
  return url.href;
}

/** Nothing is known of the picture before the host has opened it. */
const UNKNOWN = { widthPixels: 0, heightPixels: 0, durationSeconds: null } as const;

/** What the history will say of it. The browser does not tell where on the disk a file lies, and nothing asks. */
export function describeCheckable(checkable: Checkable): ScannedVideo {
  switch (checkable.kind) {
    case 'file': {
      const { name } = checkable.file;
      return { pageUrl: `file:///${encodeURIComponent(name)}`, title: name, fileUrl: null, ...UNKNOWN };
    }
    case 'address': {
      const { url } = checkable;
      const name = new URL(url).pathname.split('/').at(-1) ?? '';
      return { pageUrl: url, title: name === '' ? url : name, fileUrl: url, ...UNKNOWN };
    }
  }
}
