import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import type { CallName, CallReply, CallRequest } from '../../models/host/engine-protocol.ts';
import type { KeptCrop } from '../../models/scan/scan-record.ts';
import type { RepeatedScan } from '../../utils/domain/repeat.ts';
import type { ScanReport } from '../../utils/domain/report.ts';
import type { FinishedState } from '../../utils/domain/scan.ts';
import { EXTENSION_FOLDER } from '../support/extension.ts';

/** The parts of a scan's result that are plain data. */
export type PlainResult = {
  readonly state: FinishedState;
  readonly logits: readonly KeptCrop['logits'][];
};

/** The built engine's Worker in a page of the extension, without the host round it. */
export type EngineWorker = {
  /** Calls that take and give plain data. */
  readonly call: <Name extends Exclude<CallName, 'scan' | 'repeatScan'>>(
    name: Name,
    request: CallRequest<Name>,
  ) => Promise<CallReply<Name>>;
  /** A scan of these pictures, PNG in base64, as if they were a video's frames. */
  readonly scan: (
    modelIds: readonly string[],
    pngs: readonly string[],
    /** A blur's standard deviation, and a size; left out for the pictures as they are. */
    worse?: { readonly blurPixels: number; readonly scale: number },
  ) => Promise<PlainResult>;
  /** The pictures of the last scan of any such Worker of the page, judged again beside a report. */
  readonly repeat: (modelIds: readonly string[], report: ScanReport) => Promise<RepeatedScan>;
  /** The model that the Worker has last reported as loaded. */
  readonly loaded: () => Promise<unknown>;
};

/** Starts the Worker in `page`, any document of the extension's origin. */
export async function startEngineWorker(page: Page): Promise<EngineWorker> {
  const assets = await readdir(resolve(EXTENSION_FOLDER, 'assets'));
  const file = assets.find((name) => name.startsWith('engine.worker-'));
  if (file === undefined) throw new Error('the built extension has no engine Worker');
  await page.evaluate(`(() => {
    const worker = new Worker('/assets/${file}', { type: 'module' });
    let nextId = 0;
    let frames = [];
    const answer = (id) => {
      const captured = frames.shift();
      const frameIndex = globalThis.frameCount - frames.length - 1;
      const whole = captured && { left: 0, top: 0, width: captured.width, height: captured.height };
      const size = captured && { width: captured.width, height: captured.height };
      const frame = captured ? { frameIndex, mediaTimeSeconds: frameIndex, size,
        pixels: { kind: 'captured', captured, part: { part: whole, blanks: [], size, scale: 1 } } } : null;
      const message = { type: 'frame-answer', id,
        answer: { name: 'next-frame', frame, ending: captured ? null : { kind: 'end' } } };
      worker.postMessage(message, captured ? [captured] : []);
    };
    globalThis.loadedModel = null;
    globalThis.callEngine = (name, request) => new Promise((resolve, reject) => {
      const id = nextId++;
      worker.addEventListener('error', ({ message }) => reject(new Error(message)));
      worker.addEventListener('message', ({ data }) => {
        if (data.id !== id) return;
        if (data.type === 'question') answer(id);
        else if (data.type === 'loaded') globalThis.loadedModel = data.model;
        else if (data.type === 'reply') resolve(data.value);
        else if (data.type === 'error') reject(new Error(data.error.code + ': ' + data.error.message));
      });
      worker.postMessage({ type: 'call', id, name, request });
    });
    const worsened = async (base64, { blurPixels, scale }) => {
      const original = await createImageBitmap(new Blob([Uint8Array.fromBase64(base64)], { type: 'image/png' }));
      const canvas = new OffscreenCanvas(Math.round(scale * original.width), Math.round(scale * original.height));
      const context = canvas.getContext('2d');
      context.filter = blurPixels === 0 ? 'none' : 'blur(' + blurPixels + 'px)';
      context.imageSmoothingQuality = 'high';
      context.drawImage(original, 0, 0, canvas.width, canvas.height);
      return canvas.transferToImageBitmap();
    };
    globalThis.scanPngs = async (modelIds, pngs, worse) => {
      frames = await Promise.all(pngs.map((base64) => worsened(base64, worse)));
      globalThis.frameCount = frames.length;
      const job = { modelIds, kind: 'by-hand', bands: { noManipulationUpTo: 0.3, likelyManipulatedFrom: 0.7 }, framesAsked: pngs.length, durationSeconds: null, mayStop: 'never', judgesStill: true };
      const { state, crops } = await callEngine('scan', job);
      globalThis.kept = crops.map(({ picture }, index) => ({ index, picture }));
      return { state, logits: crops.map(({ logits }) => logits) };
    };
  })()`);

  return {
    call: (name, request) => page.evaluate(`callEngine('${name}', ${JSON.stringify(request)})`),
    repeat: (modelIds, report) =>
      page.evaluate(
        `callEngine('repeatScan', { modelIds: ${JSON.stringify(modelIds)}, report: ${JSON.stringify(report)}, pictures: kept })`,
      ),
    scan: (modelIds, pngs, worse = { blurPixels: 0, scale: 1 }) =>
      page.evaluate(
        `scanPngs(${JSON.stringify(modelIds)}, ${JSON.stringify(pngs)}, ${JSON.stringify(worse)})`,
      ),
    loaded: () => page.evaluate('loadedModel'),
  };
}
