import { browser } from 'wxt/browser';
import type { Browser } from 'wxt/browser';
import { DetectorError, isDetectorError } from '../domain/errors.ts';
import type { DetectorErrorCode, ErrorParams } from '../domain/errors.ts';
import type { MessageName, MessageOwner, ReplyOf, RequestOf } from './protocol.ts';

type Envelope = { readonly name: MessageName; readonly request: unknown };
type Reply =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: ErrorReply };

type ErrorReply = {
  readonly code: DetectorErrorCode;
  readonly params?: ErrorParams;
  /** The error and what led to it, the error first. For diagnostics only: no page shows it as a sentence of its own. */
  readonly cause?: readonly { readonly code: string; readonly message: string }[];
};
/** A chain of causes that is longer repeats itself. */
const MAX_CAUSES = 8;

/** What the browser says of the sender. Nothing here comes from the message itself. */
export type MessageSender = {
  /** null for the extension's own pages outside tabs. */
  readonly tabId: number | null;
  readonly frameId: number | null;
  /** Of the document, in its frame; null where the browser does not tell. */
  readonly url: string | null;
  readonly isPrivate: boolean;
};

type Handle<Name extends MessageName> = (
  request: RequestOf<Name>,
  sender: MessageSender,
) => ReplyOf<Name> | Promise<ReplyOf<Name>>;

/** A handler that content scripts may ask, too; made by `fromContent`. */
export type ContentHandler<Name extends MessageName> = {
  /** @throws DetectorError `request-invalid` */
  readonly parse: (request: unknown) => RequestOf<Name>;
  readonly handle: Handle<Name>;
};

/**
 * A handler for each message of one context. A plain function answers the extension's own pages and its service worker only:
 * a content script lives in a page's process, which could be taken over.
 */
export type Handlers<Owner extends MessageOwner> = {
  readonly [Name in MessageName<Owner>]: Handle<Name> | ContentHandler<Name>;
};

/**
 * Answers the messages that this context owns; every other name is left to the context that owns it.
 * @returns stops listening
 */
export function handleMessages<Owner extends MessageOwner>(
  _owner: Owner,
  handlers: Handlers<Owner>,
): () => void {
  // Synchronous, `sendResponse` later, `true` only where an answer follows: the form that works in every browser.
  const listener = (
    message: unknown,
    sender: Browser.runtime.MessageSender,
    sendResponse: (reply: Reply) => void,
  ): true | undefined => {
    if (sender.id !== browser.runtime.id || !isEnvelope(message) || !Object.hasOwn(handlers, message.name)) {
      return undefined;
    }
    const { request } = message;
    const handler: Handle<MessageName> | ContentHandler<MessageName> = (
      handlers as Record<string, Handle<MessageName> | ContentHandler<MessageName>>
    )[message.name]!;
    const from = describeSender(sender);
    if (typeof handler === 'function') {
      if (!isOwnPage(sender)) return undefined;
      void answer(() => handler(request as RequestOf<MessageName>, from)).then(sendResponse);
    } else {
      void answer(() => handler.handle(handler.parse(request), from)).then(sendResponse);
    }
    return true;
  };
  browser.runtime.onMessage.addListener(listener);
  return () => {
    browser.runtime.onMessage.removeListener(listener);
  };
}

/**
 * Asks one of the extension's own contexts.
 * @throws DetectorError as the owner threw it, or `unreachable` when nobody answers (no host document, an extension that was
 *   updated under an old content script)
 */
export function ask<Owner extends 'background' | 'host', Name extends MessageName<Owner>>(
  owner: Owner,
  name: Name,
  request: RequestOf<Name>,
): Promise<ReplyOf<Name>> {
  return unwrap(owner, name, () => browser.runtime.sendMessage({ name, request } satisfies Envelope));
}

/**
 * Asks the content script in one frame of a tab.
 * @throws DetectorError as the script threw it, or `unreachable` where the frame holds none
 */
export function askFrame<Name extends MessageName<'content'>>(
  { tabId, frameId }: { readonly tabId: number; readonly frameId: number },
  name: Name,
  request: RequestOf<Name>,
): Promise<ReplyOf<Name>> {
  return unwrap('content', name, () =>
    browser.tabs.sendMessage(tabId, { name, request } satisfies Envelope, { frameId }),
  );
}

/**
 * Asks the scripts that look out for videos in all frames of a tab. Resolves with the first answer.
 * @throws DetectorError as that script threw it, or `unreachable` where no frame holds one
 */
export function askBadges<Name extends MessageName<'badges'>>(
  tabId: number,
  name: Name,
  request: RequestOf<Name>,
): Promise<ReplyOf<Name>> {
  return unwrap('badges', name, () => browser.tabs.sendMessage(tabId, { name, request } satisfies Envelope));
}

async function answer(handle: () => unknown): Promise<Reply> {
  try {
    return { ok: true, value: await handle() };
  } catch (error) {
    return { ok: false, error: toErrorReply(error) };
  }
}

function toErrorReply(error: unknown): ErrorReply {
  const cause: { readonly code: string; readonly message: string }[] = [];
  for (let at = error; at instanceof Error && cause.length < MAX_CAUSES; at = at.cause) {
    cause.push({ code: isDetectorError(at) ? at.code : at.name, message: at.message });
  }
  return isDetectorError(error)
    ? { code: error.code, params: error.params, cause }
    : { code: 'internal', cause };
}

async function unwrap<Name extends MessageName>(
  owner: MessageOwner,
  name: Name,
  send: () => Promise<unknown>,
): Promise<ReplyOf<Name>> {
  const unanswered = `the ${owner} does not answer ${name}`;
  let reply: Reply | undefined;
  try {
    reply = (await send()) as Reply | undefined;
  } catch (cause) {
    throw new DetectorError('unreachable', unanswered, { cause });
  }
  if (reply === undefined) throw new DetectorError('unreachable', unanswered);
  if (!reply.ok) {
    const { code, params = {}, cause = [] } = reply.error;
    // The first is the error itself.
    throw new DetectorError(code, cause[0]?.message ?? code, { params, cause: cause.slice(1) });
  }
  return reply.value as ReplyOf<Name>;
}

function isEnvelope(message: unknown): message is Envelope {
  return (
    typeof message === 'object' && message !== null && 'name' in message && typeof message.name === 'string'
  );
}

/** One of the extension's pages or its service worker, not a content script. */
function isOwnPage({ url, origin }: Browser.runtime.MessageSender): boolean {
  return `${url ?? origin ?? ''}/`.startsWith(browser.runtime.getURL('/'));
}

function describeSender(sender: Browser.runtime.MessageSender): MessageSender {
  return {
    tabId: sender.tab?.id ?? null,
    frameId: sender.frameId ?? null,
    url: sender.url ?? null,
    isPrivate: sender.tab?.incognito ?? false,
  };
}
