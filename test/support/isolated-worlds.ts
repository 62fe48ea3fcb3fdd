import type { CDPSession, Page } from 'playwright-core';

/** The extension's scripts in a page. */
export type Presence = {
  /** Their names in the isolated worlds. */
  readonly scripts: readonly string[];
  /** Events that they listen for, in the page, its shadow roots, and from the extension. */
  readonly listeners: readonly string[];
};

/**
 * Reads the extension's isolated worlds in a page by CDP, without putting anything there. An empty world does not mean
 * that our script ran: the browser makes one when a page that had one is loaded again.
 */
export async function presenceIn(page: Page): Promise<Presence> {
  const { session, contextIds } = await openWorlds(page);
  const scripts: string[] = [];
  const listeners: string[] = [];
  for (const contextId of contextIds) {
    const expression = `Object.keys(globalThis).filter((name) => /^trueFrame/.test(name))`;
    const { result } = await session.send('Runtime.evaluate', { contextId, expression, returnByValue: true });
    scripts.push(...(result.value as string[]));
    listeners.push(...(await listenersIn(session, contextId)));
  }
  await session.detach();
  return { scripts: scripts.toSorted(), listeners: listeners.toSorted() };
}

/**
 * Runs an expression in the extension's world of the page's own frame, as an attacker does who has taken over the
 * page's process.
 * @returns the value that it resolves to; the error's text where it fails
 */
export async function runInWorld(page: Page, expression: string): Promise<unknown> {
  const { session, contextIds } = await openWorlds(page);
  const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
    contextId: contextIds[0]!,
    expression,
    awaitPromise: true,
    returnByValue: true,
  });
  await session.detach();
  return exceptionDetails === undefined ? result.value : (exceptionDetails.exception?.description ?? '');
}

async function openWorlds(page: Page): Promise<{ session: CDPSession; contextIds: readonly number[] }> {
  const session = await page.context().newCDPSession(page);
  const contextIds: number[] = [];
  session.on('Runtime.executionContextCreated', ({ context }) => {
    if (context.origin.startsWith('chrome-extension:')) contextIds.push(context.id);
  });
  await session.send('Runtime.enable');
  return { session, contextIds };
}

async function listenersIn(session: CDPSession, contextId: number): Promise<readonly string[]> {
  const found: string[] = [];
  for (const expression of ['window', 'document']) {
    const { result } = await session.send('Runtime.evaluate', { contextId, expression });
    const { listeners } = await session.send('DOMDebugger.getEventListeners', {
      objectId: result.objectId!,
      // All of its nodes, through shadow roots.
      ...(expression === 'document' && { depth: -1, pierce: true }),
    });
    found.push(...listeners.map(({ type }) => `${expression} ${type}`));
  }
  const { result } = await session.send('Runtime.evaluate', {
    contextId,
    expression: 'chrome.runtime?.onMessage?.hasListeners() === true',
    returnByValue: true,
  });
  if (result.value === true) found.push('extension message');
  return found;
}
