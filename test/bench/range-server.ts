import { open, stat } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { AddressInfo, Socket } from 'node:net';

/** A server of one file on the loopback interface. It answers ranges, and counts the bytes that it sends. */
export type RangeServer = {
  readonly url: string;
  /** All bytes that were handed to the network, heads of answers included. */
  readonly bytesSent: () => number;
  readonly requests: () => number;
  readonly close: () => Promise<void>;
};

const CHUNK_BYTES = 65_536;

/**
 * Serves a file of any size, with CORS. The other test server holds its files in memory.
 * @param bitsPerSecond the rate of the line. Without a limit, the loopback interface fills megabytes of the system's
 *   own buffers before the browser, which wants a few hundred kilobytes, closes the connection
 */
export async function serveByRange(path: string, bitsPerSecond: number): Promise<RangeServer> {
  const file = await open(path);
  // All requests share one line. This is the time at which it is free again, by `performance.now()`.
  let lineFreeAt = 0;

  async function send(response: ServerResponse, start: number, end: number): Promise<void> {
    for (let at = start; at <= end && !response.destroyed; at += CHUNK_BYTES) {
      const { buffer, bytesRead } = await file.read({
        buffer: Buffer.alloc(Math.min(CHUNK_BYTES, end + 1 - at)),
        position: at,
      });
      lineFreeAt = Math.max(lineFreeAt, performance.now()) + (bytesRead * 8 * 1000) / bitsPerSecond;
      if (!response.write(buffer.subarray(0, bytesRead))) {
        await drained(response);
      }
      await pause(Math.max(0, lineFreeAt - performance.now()));
    }
    response.end();
  }

  const { size } = await stat(path);
  const sockets = new Set<Socket>();
  let bytesOfClosed = 0;
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    const asked = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
    const start = asked ? Number(asked[1]) : 0;
    const end = asked?.[2] ? Math.min(Number(asked[2]), size - 1) : size - 1;
    response.writeHead(asked ? 206 : 200, {
      'content-type': 'video/mp4',
      'accept-ranges': 'bytes',
      'access-control-allow-origin': '*',
      'content-length': end - start + 1,
      ...(asked && { 'content-range': `bytes ${start}-${end}/${size}` }),
    });
    // The browser closes the connection as soon as it has enough.
    send(response, start, end).catch((error: unknown) => response.destroy(error as Error));
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      bytesOfClosed += socket.bytesWritten;
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/film.mp4`,
    bytesSent: () => [...sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, bytesOfClosed),
    requests: () => requests,
    close: async () => {
      await new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      });
      await file.close();
    },
  };
}

/** Resolves when the connection takes more bytes, or is closed. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((ready) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      ready();
    };
    response.on('drain', done).on('close', done);
  });
}
