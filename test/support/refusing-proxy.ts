import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Addresses that Chromium requests by itself, with and without an extension: its sign-in cookies and its update check.
 * No flag turns these off in every version.
 */
const ASKED_BY_CHROMIUM: ReadonlySet<string> = new Set([
  'accounts.google.com:443',
  'update.googleapis.com:443',
  'update.googleapis.com',
]);

/** A proxy that refuses every request and records the requested hosts. */
export type RefusingProxy = {
  /** The value of Chromium's `--proxy-server`. Chromium never sends loopback addresses to a proxy. */
  readonly address: string;
  /** Every host that was requested so far, in order, except {@link ASKED_BY_CHROMIUM}. */
  readonly attempts: () => string[];
  readonly close: () => Promise<void>;
};

/**
 * Starts a proxy on the loopback interface. It sees the traffic of the whole browser: pages, Workers, service
 * workers and offscreen documents, of which Playwright's own events show only some.
 */
export async function startRefusingProxy(): Promise<RefusingProxy> {
  const attempts: string[] = [];
  const server = createServer((request, response) => {
    attempts.push(new URL(request.url ?? '/', 'http://unknown').host);
    response.writeHead(502).end();
  });
  server.on('connect', (request, socket) => {
    attempts.push(request.url ?? 'unknown');
    // The browser may close the connection first, which has the same effect as our refusal.
    socket.on('error', () => socket.destroy());
    socket.end('HTTP/1.1 502 Refused\r\n\r\n');
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(0, '127.0.0.1', listening);
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    attempts: () => attempts.filter((host) => !ASKED_BY_CHROMIUM.has(host)),
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
