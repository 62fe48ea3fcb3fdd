import type { Page } from 'playwright-core';
import type { InstallationState } from '../../utils/domain/installation.ts';

/** The requests of a page, in order. */
export type Asked = { readonly name: string; readonly request: unknown };

/**
 * Answers in place of the host, in a page that is opened afterwards: nothing is installed, and no request goes out. The
 * state is the last one that was announced, until {@link loseHost}. The test also decides whether the user allows the
 * browser's question, since the browser's window can't be clicked.
 */
export async function standInForHost(
  page: Page,
  { allowsHosts = true }: { readonly allowsHosts?: boolean } = {},
): Promise<void> {
  await page.addInitScript(standIn, allowsHosts);
}

/** The messages to the host, and the requests for permissions, so far. */
export function askedOf(page: Page): Promise<readonly Asked[]> {
  return page.evaluate<readonly Asked[]>('globalThis.asked');
}

/** From now on the host does not answer, as after a crash. */
export async function loseHost(page: Page): Promise<void> {
  await page.evaluate('void (globalThis.hostIsGone = true)');
}

/** Runs in the page, before its scripts. */
function standIn(allowsHosts: boolean): void {
  type Message = { readonly name: string; readonly request: unknown };
  type Chrome = {
    readonly runtime: { sendMessage: (message: Message) => Promise<unknown> };
    readonly permissions: { request: (wanted: { readonly origins: readonly string[] }) => Promise<boolean> };
  };
  const { runtime, permissions } = (globalThis as unknown as { readonly chrome: Chrome }).chrome;
  const asked: Message[] = [];
  (globalThis as { asked?: readonly Message[] }).asked = asked;
  const send = runtime.sendMessage.bind(runtime);
  const preparing: InstallationState = { kind: 'preparing', title: 'GenConViT' };
  let state: InstallationState = { kind: 'idle' };
  new BroadcastChannel('installation').addEventListener(
    'message',
    ({ data }: MessageEvent<InstallationState>) => {
      state = data;
    },
  );
  const replies: Record<string, unknown> = {
    openHost: null,
    getInstallation: null,
    startInstallation: preparing,
    cancelInstallation: null,
  };
  runtime.sendMessage = (message) => {
    if (!(message.name in replies)) return send(message);
    asked.push(message);
    if ((globalThis as { hostIsGone?: boolean }).hostIsGone === true) return Promise.resolve(undefined);
    if (message.name === 'getInstallation') return Promise.resolve({ ok: true, value: state });
    return Promise.resolve({ ok: true, value: replies[message.name] });
  };
  permissions.request = (wanted) => {
    asked.push({ name: 'permissions.request', request: wanted });
    return Promise.resolve(allowsHosts);
  };
}
