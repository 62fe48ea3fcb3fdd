import { browser } from 'wxt/browser';
import type { Browser } from 'wxt/browser';
import { DetectorError, isDetectorError } from '../domain/errors.ts';
import type { DetectorErrorCode } from '../domain/errors.ts';
import type { MessageName, ReplyOf, RequestOf } from './protocol.ts';

type Envelope = { readonly name: MessageName; readonly request: unknown };
type Reply =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false;
      readonly error: { readonly code: DetectorErrorCode; readonly message: string };
    };

export type MessageSender = {
  /** null for the extension's own pages outside tabs. */
  readonly tabId: number | null;
  readonly frameId: number | null;
  /** Of the document, in its frame; null where the browser does not tell. */
  readonly url: string | null;
  readonly isPrivate: boolean;
  /** Whether it is one of the extension's own pages or its service worker, not a content script. */
  readonly isOwnPage: boolean;
};

export type Handlers<Name extends MessageName> = {
  readonly [Key in Name]: (
    request: RequestOf<Key>,
    sender: MessageSender,
  ) => ReplyOf<Key> | Promise<ReplyOf<Key>>;
};

/**
 * Answers the messages that this context owns; every other name is left to the context that owns it.
 * @param onlyOwnPages names that content scripts may not ask, since a page's process could be taken over
 * @returns stops listening
 */
export function handleMessages<Name extends MessageName>(
  handlers: Handlers<Name>,
  onlyOwnPages: readonly NoInfer<Name>[] = [],
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
    const name = message.name as Name;
    const from = describeSender(sender);
    if (onlyOwnPages.includes(name) && !from.isOwnPage) return undefined;
    void answer(() => handlers[name](message.request as RequestOf<Name>, from)).then(sendResponse);
    return true;
  };
  browser.runtime.onMessage.addListener(listener);
  return () => {
    browser.runtime.onMessage.removeListener(listener);
  };
}

/**
 * Asks the context that owns `name`.
 * @throws DetectorError as the owner threw it, or `unreachable` when nobody answers (no host document, a tab without
 *   our content script, an extension that was updated under an old content script)
 */
export async function sendMessage<Name extends MessageName>(
  name: Name,
  request: RequestOf<Name>,
): Promise<ReplyOf<Name>> {
  return unwrap(name, () => browser.runtime.sendMessage({ name, request } satisfies Envelope));
}

/** The same to the content script in one frame of a tab. */
export async function sendMessageToFrame<Name extends MessageName>(
  tabId: number,
  frameId: number,
  name: Name,
  request: RequestOf<Name>,
): Promise<ReplyOf<Name>> {
  return unwrap(name, () =>
    browser.tabs.sendMessage(tabId, { name, request } satisfies Envelope, { frameId }),
  );
}

async function answer(handle: () => unknown): Promise<Reply> {
  try {
    return { ok: true, value: await handle() };
  } catch (error) {
    const code = isDetectorError(error) ? error.code : 'internal';
    return { ok: false, error: { code, message: error instanceof Error ? error.message : String(error) } };
  }
}

async function unwrap<Name extends MessageName>(
  name: Name,
  send: () => Promise<unknown>,
): Promise<ReplyOf<Name>> {
  let reply: Reply | undefined;
  try {
    reply = (await send()) as Reply | undefined;
  } catch (cause) {
    throw new DetectorError('unreachable', `nobody answers ${name}`, { cause });
  }
  if (reply === undefined) throw new DetectorError('unreachable', `nobody answers ${name}`);
  if (!reply.ok) throw new DetectorError(reply.error.code, reply.error.message);
  return reply.value as ReplyOf<Name>;
}

function isEnvelope(message: unknown): message is Envelope {
  return (
    typeof message === 'object' && message !== null && 'name' in message && typeof message.name === 'string'
  );
}

function describeSender(sender: Browser.runtime.MessageSender): MessageSender {
  return {
    tabId: sender.tab?.id ?? null,
    frameId: sender.frameId ?? null,
    url: sender.url ?? null,
    isPrivate: sender.tab?.incognito ?? false,
    isOwnPage: sender.url?.startsWith(browser.runtime.getURL('/')) ?? false,
  };
}
