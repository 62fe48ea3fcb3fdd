import type { CDPSession } from 'playwright-core';
import { isFinal } from '../../utils/domain/scan.ts';
import { TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import type { VideoTab } from './driver.ts';
import { startSite } from './site/server.ts';
import type { AttachedTarget } from './targets.ts';
import type { World } from './world.ts';

/** The memory and objects that are in use at rest, with garbage collected. */
export type Holdings = {
  /**
   * Bytes of the host document's objects, the browser's own included. Compiled code is left out: V8 compiles frequently
   * run code further, whether or not any object is kept.
   */
  readonly hostHeapBytes: number;
  readonly hostNodes: number;
  readonly hostListeners: number;
  /** `VideoFrame`s and `ImageBitmap`s, closed or not. */
  readonly hostPictures: number;
  /** Ports of the extension and of channels. */
  readonly hostPorts: number;
  readonly pageNodes: number;
  readonly pageListeners: number;
  /** Pictures of the page's own scripts and of ours. */
  readonly pagePictures: number;
  readonly pagePorts: number;
};

/** Checks of one page by each way in turn, by the message that the popup sends. */
export type RepeatedChecks = {
  readonly run: (count: number, onDone?: (done: number) => void) => Promise<void>;
  readonly holdings: () => Promise<Holdings>;
  readonly waysSeen: () => Readonly<Record<string, number>>;
  /**
   * After every third check, one more was begun and cancelled at once. This is how many of these had not ended by
   * themselves.
   */
  readonly cancelled: () => number;
  readonly close: () => Promise<void>;
};

const MP4 = '/videos/another-face.mp4';

/** Three paused videos: of the page's own origin, of one that allows reading, and of one that does not. */
export async function runChecks(world: World): Promise<RepeatedChecks> {
  const { driver } = world;
  const folders = { '/videos/': TEST_VIDEO_FOLDER };
  const open = await startSite({ folders, isCors: true });
  const closed = await startSite({ folders });
  const video = (url: string): string =>
    `<video src="${url}" muted playsinline preload="auto" width="400" height="225"></video>`;
  const own = await startSite({
    folders,
    pages: {
      '/': `<!doctype html><title>Again</title>${[MP4, open.origin + MP4, closed.origin + MP4].map(video).join('')}`,
    },
  });
  const tab: VideoTab = await driver.openTab(`${own.origin}/`);
  await driver.letIn(tab);
  const videos = await driver.listVideos(tab);
  const seen: Record<string, number> = {};
  let made = 0;
  let cancelled = 0;
  let formerScanId: string | undefined;

  async function begin(index: number): Promise<void> {
    const { videoId } = videos.toSorted((one, other) => one.videoId - other.videoId)[index]!;
    await driver.ask('checkInTab', {
      tabId: tab.tabId,
      frameId: 0,
      target: { kind: 'video', videoId },
      ...(index === 2 && { source: 'screen' as const }),
    });
  }

  async function cancelOne(index: number): Promise<void> {
    await begin(index);
    const { scanId } = await driver.waitForScan(tab, 'next', () => true, formerScanId);
    // Cancels as the popup does.
    const message = JSON.stringify({ name: 'cancelScan', request: { scanId } });
    await driver.probe.evaluate(`chrome.tabs.sendMessage(${String(tab.tabId)}, ${message}, { frameId: 0 })`);
    const { state } = await driver.waitForScan(tab, 'cancelled', isFinal, formerScanId);
    if (state.kind === 'cancelled') cancelled++;
    formerScanId = scanId;
  }

  async function checkNext(): Promise<void> {
    const index = made++ % 3;
    await begin(index);
    const { scanId, state } = await driver.waitForScan(tab, 'next', isFinal, formerScanId);
    if (state.kind !== 'finished' || state.report.used.source === null) {
      throw new Error(`check ${String(made)} ended as ${JSON.stringify(state)}`);
    }
    formerScanId = scanId;
    seen[state.report.used.source] = (seen[state.report.used.source] ?? 0) + 1;
  }

  return {
    run: async (count, onDone = () => undefined) => {
      for (let done = 1; done <= count; done++) {
        await checkNext();
        if (made % 3 === 0) await cancelOne((made / 3) % 3);
        onDone(done);
      }
    },
    holdings: async () => {
      const { targetId } = await driver.targets.find('host', ({ url }) => url.endsWith('/offscreen.html'));
      const host = await driver.targets.attach(targetId);
      const session = await driver.extension.context.newCDPSession(tab.page);
      const ofHost = await countersOf((method) => host.send(method));
      const ofPage = await countersOf((method) => session.send(method as 'Memory.getDOMCounters'));
      const hostHeap = await heapOf(host);
      const pageHeap = await heapOf({
        send: (method) => session.send(method as 'HeapProfiler.takeHeapSnapshot'),
        on: (method, listener) => void session.on(method as 'HeapProfiler.addHeapSnapshotChunk', listener),
      });
      await session.detach();
      return {
        hostHeapBytes: hostHeap.bytes,
        hostNodes: ofHost.nodes,
        hostListeners: ofHost.jsEventListeners,
        hostPictures: hostHeap.pictures,
        hostPorts: hostHeap.ports,
        pageNodes: ofPage.nodes,
        pageListeners: ofPage.jsEventListeners,
        pagePictures: pageHeap.pictures,
        pagePorts: pageHeap.ports,
      };
    },
    waysSeen: () => seen,
    cancelled: () => cancelled,
    close: async () => {
      await tab.page.close();
      for (const site of [own, open, closed]) await site.close();
    },
  };
}

type Counters = Awaited<ReturnType<CDPSession['send']>> & {
  readonly nodes: number;
  readonly jsEventListeners: number;
};

/** Unreferenced elements are counted until they are collected. */
async function countersOf(send: (method: string) => Promise<unknown>): Promise<Counters> {
  await send('HeapProfiler.collectGarbage');
  await send('HeapProfiler.collectGarbage');
  return (await send('Memory.getDOMCounters')) as Counters;
}

type HeapSnapshot = {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[];
      readonly node_types: readonly [readonly string[], ...unknown[]];
    };
  };
  /** One number for each field of each node. */
  readonly nodes: readonly number[];
  readonly strings: readonly string[];
};

type Heap = { readonly bytes: number; readonly pictures: number; readonly ports: number };

const PICTURES = ['VideoFrame', 'ImageBitmap'];
const PORTS = ['Port', 'MessagePort'];

/**
 * Counts by a snapshot in the form that V8 writes (v8/src/profiler/heap-snapshot-generator.cc). A class's prototype has
 * the class's name too, so only the change of the numbers matters.
 */
async function heapOf(host: Pick<AttachedTarget, 'send' | 'on'>): Promise<Heap> {
  const chunks: string[] = [];
  host.on('HeapProfiler.addHeapSnapshotChunk', (params) =>
    chunks.push((params as { readonly chunk: string }).chunk),
  );
  await host.send('HeapProfiler.takeHeapSnapshot');
  const { snapshot, nodes, strings } = JSON.parse(chunks.join('')) as HeapSnapshot;
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [typeAt, sizeAt, nameAt] = ['type', 'self_size', 'name'].map((field) => fields.indexOf(field)) as [
    number,
    number,
    number,
  ];
  const heap = { bytes: 0, pictures: 0, ports: 0 };
  for (let node = 0; node < nodes.length; node += fields.length) {
    const type = types[0][nodes[node + typeAt]!];
    const name = strings[nodes[node + nameAt]!]!;
    if (type !== 'code') heap.bytes += nodes[node + sizeAt]!;
    if (type !== 'object' && type !== 'native') continue;
    if (PICTURES.includes(name)) heap.pictures++;
    if (PORTS.includes(name)) heap.ports++;
  }
  return heap;
}
