import * as v from 'valibot';
import type { Browser } from 'wxt/browser';
import { MAX_ADDRESS_LENGTH, MAX_TITLE_LENGTH, plainText } from '../domain/addresses.ts';
import { MAX_LINKS_A_LEVEL, MAX_POST_LEVELS } from '../domain/post-links.ts';
import { DetectorError } from '../domain/errors.ts';
import { isOwnPage } from './own-page.ts';
import { describedVideo } from '../domain/content-messages.ts';
import { seconds } from '../domain/scan.ts';

/** Parts of the schemas that validate data from content scripts and from storage. All sizes are bounded. */

/** Ids are 32 or 36 characters long. */
const MAX_ID_LENGTH = 64;
/** RFC 1035, 2.3.4. */
const MAX_HOST_LENGTH = 253;

export const address = v.pipe(v.string(), v.maxLength(MAX_ADDRESS_LENGTH));
export const id = v.pipe(v.string(), v.nonEmpty(), v.maxLength(MAX_ID_LENGTH));
export const host = v.pipe(v.string(), v.nonEmpty(), v.maxLength(MAX_HOST_LENGTH));
export const title = v.pipe(v.string(), v.maxLength(MAX_TITLE_LENGTH), v.transform(plainText));
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
  /** The title of that page, under the same condition. */
  readonly pageTitle: string | null;
  readonly isPrivate: boolean;
  /** One of the extension's pages or its service worker, not a content script. */
  readonly isOwnPage: boolean;
};

/**
 * Declares a handler that content scripts may call. It validates their requests, since an attacker may control a page's
 * process, and trusts only the browser's description of the sender. Refused requests are not logged, since their
 * content comes from the page.
 */
export function fromContent<Request, Reply>(
  schema: v.GenericSchema<unknown, Request>,
  handle: (request: Request, sender: MessageSender) => Reply,
) {
  return {
    handle: (request: unknown, from: Browser.runtime.MessageSender): Reply => {
      const { tab, frameId, url } = from;
      const parsed = v.safeParse(schema, request, { abortEarly: true });
      if (!parsed.success) throw new DetectorError('request-invalid', 'the request is not of its schema');
      return handle(parsed.output, {
        tabId: tab?.id ?? null,
        frameId: frameId ?? null,
        url: url ?? null,
        pageUrl: tab?.url ?? (frameId === 0 ? url : null) ?? null,
        pageTitle: tab?.title ?? null,
        isPrivate: tab?.incognito ?? false,
        isOwnPage: isOwnPage(from),
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
    links: v.object({
      levels: v.pipe(
        v.array(
          v.object({
            addresses: v.pipe(v.array(address), v.maxLength(MAX_LINKS_A_LEVEL)),
            isAlone: v.boolean(),
          }),
        ),
        v.maxLength(MAX_POST_LEVELS),
      ),
      isAlone: v.boolean(),
      isAdvertisement: v.boolean(),
    }),
    fileUrl: v.nullable(address),
    isServed: v.boolean(),
    durationSeconds: v.nullable(seconds),
  }),
  putScript: v.object({ script: v.picklist(['trueFrameScreen', 'trueFrameFaces']) }),
  hasDetails: v.object({ scanId: id }),
  askAgain: v.object({ scanId: id, source: v.optional(v.literal('screen')) }),
  scanLost: v.object({
    scanId: id,
    video: describedVideo,
    startedAt: time,
  }),
} as const;
