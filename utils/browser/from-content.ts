import * as v from 'valibot';
import type { Browser } from 'wxt/browser';
import { DetectorError } from '../domain/errors.ts';
import { scannedVideoSchema, seconds } from '../domain/scan.ts';

/** Parts of the schemas by which what comes from content scripts and from storage is validated. All sizes are bounded. */

/** Addresses of signed files are up to 2 kB long; no web server that we know takes one of more than 8 kB. */
const MAX_ADDRESS_LENGTH = 8192;
/** Ids are 32 or 36 characters long. */
const MAX_ID_LENGTH = 64;
/** RFC 1035, 2.3.4. */
const MAX_HOST_LENGTH = 253;
/** What the content script cuts titles to. */
const MAX_TITLE_LENGTH = 300;

export const address = v.pipe(v.string(), v.maxLength(MAX_ADDRESS_LENGTH));
export const id = v.pipe(v.string(), v.nonEmpty(), v.maxLength(MAX_ID_LENGTH));
export const host = v.pipe(v.string(), v.nonEmpty(), v.maxLength(MAX_HOST_LENGTH));
export const title = v.pipe(v.string(), v.maxLength(MAX_TITLE_LENGTH));
/** Milliseconds since the epoch. */
const time = v.pipe(v.number(), v.integer(), v.minValue(0));
/** The sender as the browser describes it. Nothing here comes from the message itself. */
export type MessageSender = {
  /** null for the extension's own pages outside tabs. */
  readonly tabId: number | null;
  readonly frameId: number | null;
  /** The address of the frame's document; null if the browser does not give it. */
  readonly url: string | null;
  /** The address of the page in the tab; null where the extension may not know it. */
  readonly pageUrl: string | null;
  /** Its title, under the same condition. */
  readonly pageTitle: string | null;
  readonly isPrivate: boolean;
};

/**
 * Declares a handler that content scripts may call. It validates their requests, since an attacker may control a page's
 * process, and trusts only the browser's description of the sender. Refused requests are not logged: their content is the
 * page's.
 */
export function fromContent<Request, Reply>(
  schema: v.GenericSchema<unknown, Request>,
  handle: (request: Request, sender: MessageSender) => Reply,
) {
  return {
    handle: (request: unknown, { tab, frameId, url }: Browser.runtime.MessageSender): Reply => {
      const parsed = v.safeParse(schema, request);
      if (!parsed.success) throw new DetectorError('request-invalid', 'the request is not of its schema');
      return handle(parsed.output, {
        tabId: tab?.id ?? null,
        frameId: frameId ?? null,
        url: url ?? null,
        // The top frame's document is the page; the browser may still name the page before it as the tab's.
        pageUrl: (frameId === 0 ? url : undefined) ?? tab?.url ?? null,
        pageTitle: tab?.title ?? null,
        isPrivate: tab?.incognito ?? false,
      });
    },
  };
}

/** Requests of content scripts to the background, by message. */
export const CONTENT_REQUESTS = {
  nothing: v.null(),
  openPage: v.object({ page: v.picklist(['report', 'welcome']), scanId: v.nullable(id) }),
  requestHost: v.object({ host: host }),
  beginAutomatic: v.object({
    postUrl: v.nullable(address),
    fileUrl: v.nullable(address),
    durationSeconds: v.nullable(seconds),
  }),
  hasDetails: v.object({ scanId: id }),
  scanLost: v.object({
    scanId: id,
    video: v.object({
      ...scannedVideoSchema.entries,
      pageUrl: address,
      title,
      fileUrl: v.nullable(address),
      postUrl: v.exactOptional(v.nullable(address)),
    }),
    startedAt: time,
  }),
} as const;
