import * as v from 'valibot';
import { DetectorError } from '../domain/errors.ts';
import type { MessageSender } from './messages.ts';
import { address, host, id, scannedVideo, seconds, time, title } from './schemas.ts';

/**
 * Declares a handler that content scripts may ask. Their requests are validated first, since a page's process could be taken
 * over; of the sender the handler trusts only what the browser says. A request that is refused is written nowhere: what is
 * in it is the page's.
 */
export function fromContent<Request, Reply>(
  schema: v.GenericSchema<unknown, Request>,
  handle: (request: Request, sender: MessageSender) => Reply,
) {
  return {
    parse: (request: unknown): Request => {
      const parsed = v.safeParse(schema, request);
      if (parsed.success) return parsed.output;
      throw new DetectorError('request-invalid', 'the request is not of its schema');
    },
    handle,
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
      ...scannedVideo.entries,
      pageUrl: address,
      title,
      fileUrl: v.nullable(address),
      postUrl: v.exactOptional(v.nullable(address)),
    }),
    startedAt: time,
  }),
} as const;
