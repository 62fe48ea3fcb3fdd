import { browser } from 'wxt/browser';
import type { Browser } from 'wxt/browser';
import { DetectorError, isDetectorError } from '../domain/errors.ts';
import type { DetectorErrorCode, ErrorParams } from '../domain/errors.ts';
import { isOwnPage } from './own-page.ts';
import type { MessageName, MessageOwner, ReplyOf, RequestOf } from './protocol.ts';

type Envelope = { readonly name: MessageName; readonly request: unknown };
type Reply =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: ErrorReply };

type ErrorReply = {
  readonly code: DetectorErrorCode;
  readonly params?: ErrorParams;
  /** The error and its causes, the error first. For diagnostics only: no page shows it as a sentence of its own. */
  readonly cause?: readonly { readonly code: string; readonly message: string }[];
};
/** A longer chain of causes repeats itself. */
const MAX_CAUSES = 8;

type Handle<Name extends MessageName> = (request: RequestOf<Name>) => ReplyOf<Name> | Promise<ReplyOf<Name>>;

/** A handler that content scripts may ask, too; made by `fromContent`. */
export type ContentHandler<Name extends MessageName> = {
  /** Validates the request. @throws DetectorError `request-invalid` */
  readonly handle: (
    request: unknown,
    sender: Browser.runtime.MessageSender,
  ) => ReplyOf<Name> | Promise<ReplyOf<Name>>;
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
  // `sendResponse` is called later, and the listener returns `true` only if an answer follows: this form works in every
  // browser.
  const listener = (
    message: unknown,
    sender: Browser.runtime.MessageSender,
    sendResponse: (reply: Reply) => void,
  ): true | undefined => {
    const { name, request } = Object(message) as Partial<Envelope>;
    if (sender.id !== browser.runtime.id || name === undefined || !Object.hasOwn(handlers, name)) {
      return undefined;
    }
    const handler = (handlers as Record<string, Handle<MessageName> | ContentHandler<MessageName>>)[name]!;
    const isForOwnPages = typeof handler === 'function';
    if (isForOwnPages && !isOwnPage(sender)) return undefined;
    void answer(() =>
      isForOwnPages ? handler(request as RequestOf<MessageName>) : handler.handle(request, sender),
    ).then(sendResponse);
    return true;
  };
  browser.runtime.onMessage.addListener(listener);
  return () => {
    browser.runtime.onMessage.removeListener(listener);
  };
}

/**
 * Asks one of the extension's own contexts.
 * @throws DetectorError as the owner threw it, or `unreachable` when no context answers (no host document, an
 *   extension that was updated under an old content script)
 */
export function ask<Owner extends 'background' | 'host', Name extends MessageName<Owner>>(
  owner: Owner,
  name: Name,
  request: RequestOf<Name>,
): Promise<ReplyOf<Name>> {
  return unwrap(owner, name, () => browser.runtime.sendMessage({ name, request } satisfies Envelope));
}

/**
 * Asks the host only if its document is open.
 * @returns null while the document is closed: the host does nothing then, and remembers nothing
 */
export async function askOpenHost<Name extends MessageName<'host'>>(
  name: Name,
  request: RequestOf<Name>,
): Promise<ReplyOf<Name> | null> {
  try {
    return await ask('host', name, request);
  } catch (error) {
    if (isDetectorError(error, 'unreachable')) return null;
    throw error;
  }
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
 * Asks the scripts that watch for videos in all frames of a tab. Resolves with the first answer.
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
    const cause: { readonly code: string; readonly message: string }[] = [];
    for (let at = error; at instanceof Error && cause.length < MAX_CAUSES; at = at.cause) {
      cause.push({ code: isDetectorError(at) ? at.code : at.name, message: at.message });
    }
    const { code, params } = isDetectorError(error) ? error : { code: 'internal' as const, params: {} };
    return { ok: false, error: { code, params, cause } };
  }
}

async function unwrap<Name extends MessageName>(
  owner: MessageOwner,
  name: Name,
  send: () => Promise<unknown>,
): Promise<ReplyOf<Name>> {
  let cause: unknown;
  const reply = (await send().catch((error: unknown) => {
    cause = error;
  })) as Reply | undefined;
  if (reply === undefined) throw new DetectorError('unreachable', `no answer: ${owner} ${name}`, { cause });
  if (!reply.ok) {
    const { code, params = {}, cause: [own, ...earlier] = [] } = reply.error;
    throw new DetectorError(code, own?.message ?? code, { params, cause: earlier });
  }
  return reply.value as ReplyOf<Name>;
}
