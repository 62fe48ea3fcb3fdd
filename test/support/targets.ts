import type { BrowserContext, CDPSession } from 'playwright-core';

/**
 * The parts of the browser that Playwright does not show: tabs as such, the popup, the offscreen document. All of it
 * is Chrome DevTools Protocol, domain Target (https://chromedevtools.github.io/devtools-protocol/tot/Target/).
 */
export type TargetInfo = { readonly targetId: string; readonly type: string; readonly url: string };

/** A document that is no Playwright page. */
export type AttachedTarget = {
  /** The value of an expression, or of its promise; plain data only. */
  readonly evaluate: <Value>(expression: string) => Promise<Value>;
  readonly send: (method: string, params?: object) => Promise<unknown>;
  /** Calls back with an event of the target from now on. */
  readonly on: (method: string, listener: (params: unknown) => void) => void;
};

export type Targets = {
  readonly list: () => Promise<readonly TargetInfo[]>;
  /** Waits for the first target that matches. */
  readonly find: (description: string, matches: (target: TargetInfo) => boolean) => Promise<TargetInfo>;
  readonly attach: (targetId: string) => Promise<AttachedTarget>;
  readonly close: (targetId: string) => Promise<void>;
  readonly send: (method: string, params?: object) => Promise<unknown>;
};

const FIND_TIMEOUT_MILLISECONDS = 30_000;
const POLL_MILLISECONDS = 50;

/** Opens a session with the browser itself. */
export async function openTargets(context: BrowserContext): Promise<Targets> {
  const browser = context.browser();
  if (browser === null) throw new Error('a persistent context without its browser');
  const session = await browser.newBrowserCDPSession();
  const send = untyped(session);

  const list = async (): Promise<readonly TargetInfo[]> => {
    // The empty filter shows every type of target; the default hides tabs.
    const { targetInfos } = (await send('Target.getTargets', { filter: [{}] })) as {
      targetInfos: readonly TargetInfo[];
    };
    return targetInfos;
  };
  return {
    list,
    find: async (description, matches) => {
      for (const deadline = Date.now() + FIND_TIMEOUT_MILLISECONDS; Date.now() < deadline;) {
        const found = (await list()).find(matches);
        if (found !== undefined) return found;
        await new Promise((elapsed) => setTimeout(elapsed, POLL_MILLISECONDS));
      }
      throw new Error(`no ${description} among ${JSON.stringify((await list()).map(({ url }) => url))}`);
    },
    attach: (targetId) => attach(session, targetId),
    close: async (targetId) => {
      await send('Target.closeTarget', { targetId });
    },
    send,
  };
}

/**
 * Playwright has types for the methods that it knows; it only passes on those of `Extensions` and of unflattened
 * sessions.
 */
function untyped(session: CDPSession): (method: string, params?: object) => Promise<unknown> {
  const send = session.send.bind(session) as (method: string, params?: object) => Promise<unknown>;
  return send;
}

type Answer = {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
  /** Events have a method, and no id. */
  readonly method?: string;
  readonly params?: unknown;
};
type Evaluated = {
  readonly result: { readonly value?: unknown };
  readonly exceptionDetails?: {
    readonly text: string;
    readonly exception?: { readonly description?: string };
  };
};

async function attach(session: CDPSession, targetId: string): Promise<AttachedTarget> {
  // The session is not flattened: a flattened session would be Playwright's, which does not know it.
  const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const listeners = new Map<string, (params: unknown) => void>();
  let lastId = 0;

  session.on('Target.receivedMessageFromTarget', (event) => {
    if (event.sessionId !== sessionId) return;
    const { id, result, error, method, params } = JSON.parse(event.message) as Answer;
    if (id === undefined) {
      if (method !== undefined) listeners.get(method)?.(params);
      return;
    }
    const answer = waiting.get(id);
    waiting.delete(id);
    if (error) answer?.reject(new Error(error.message));
    else answer?.resolve(result);
  });
  session.on('Target.detachedFromTarget', (event) => {
    if (event.sessionId !== sessionId) return;
    for (const answer of waiting.values()) answer.reject(new Error(`target ${targetId} was closed`));
    waiting.clear();
  });

  const send = async (method: string, params: object = {}): Promise<unknown> => {
    const id = ++lastId;
    const answer = Promise.withResolvers<unknown>();
    waiting.set(id, answer);
    await session.send('Target.sendMessageToTarget', {
      sessionId,
      message: JSON.stringify({ id, method, params }),
    });
    return answer.promise;
  };
  return {
    send,
    on: (method, listener) => void listeners.set(method, listener),
    evaluate: async <Value>(expression: string) => {
      const { result, exceptionDetails } = (await send('Runtime.evaluate', {
        expression,
        awaitPromise: true,
        returnByValue: true,
        userGesture: true,
      })) as Evaluated;
      if (exceptionDetails !== undefined) {
        throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      }
      return result.value as Value;
    },
  };
}
