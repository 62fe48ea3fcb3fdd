import type { Page } from 'playwright-core';
import type { InstallationState } from '../../utils/installation.ts';

/** What a page asked for, in order. */
export type Asked = { readonly name: string; readonly request: unknown };

/**
 * Answers what the host would be asked, in a page that is opened afterwards: nothing is installed, and no request goes
 * out. Whether the user allows what the browser asks for is decided here as well: its window can't be pressed.
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
  const replies: Record<string, unknown> = {
    openHost: null,
    getInstallation: { kind: 'idle' },
    startInstallation: preparing,
    cancelInstallation: null,
  };
  runtime.sendMessage = (message) => {
    if (!(message.name in replies)) return send(message);
    asked.push(message);
    return Promise.resolve({ ok: true, value: replies[message.name] });
  };
  permissions.request = (wanted) => {
    asked.push({ name: 'permissions.request', request: wanted });
    return Promise.resolve(allowsHosts);
  };
}
