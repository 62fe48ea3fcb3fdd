import { frameOf } from '../support/video-frame.ts';
import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import type { MessageName, ReplyOf, RequestOf } from '../../utils/browser/protocol.ts';
import { launchExtension, type RunningExtension } from '../support/extension.ts';
import { startSite } from '../support/site/server.ts';
import { ensureTestVideos, TEST_VIDEO_FOLDER } from '../fixtures/videos/make-videos.ts';
import type { TestVideoName } from '../fixtures/videos/scenes.ts';
import type { StandInEnd, StandInScan } from './host-page/stand-in.page.ts';

/** The built extension's host, spoken to over its own port by a page that stands in for a content script. */
export type HostHarness = {
  readonly extension: RunningExtension;
  /** A document of the extension's origin that runs no code of its own. */
  readonly page: Page;
  /** Frames of one of the project's videos as PNG in base64. */
  readonly framesOf: (name: TestVideoName, seconds: readonly number[]) => Promise<readonly string[]>;
  /** Opens the host and runs one scan to its end, or until it is cancelled. */
  readonly scan: (scan: StandInScan) => Promise<StandInEnd>;
  readonly ask: <Name extends MessageName>(name: Name, request: RequestOf<Name>) => Promise<ReplyOf<Name>>;
  readonly close: () => Promise<void>;
};

const STAND_IN = resolve(import.meta.dirname, 'host-page/stand-in.page.ts');

/** Builds the extension and starts Chromium with it. */
export async function startHostHarness(): Promise<HostHarness> {
  await ensureTestVideos();
  const site = await startSite({
    pages: { '/': '<!doctype html><video muted></video>' },
    folders: { '/videos/': TEST_VIDEO_FOLDER },
  });
  const extension = await launchExtension();
  const videoPage = await extension.context.newPage();
  await videoPage.goto(site.origin);
  const page = await extension.context.newPage();
  await page.goto(`${extension.origin}/manifest.json`);
  const source = stripTypeScriptTypes(await readFile(STAND_IN, 'utf8'));
  // Evaluated as a script: what it exports are types, and those are gone.
  await page.evaluate(source.replaceAll(/^export /gm, ''));

  async function ask<Name extends MessageName>(name: Name, request: RequestOf<Name>): Promise<ReplyOf<Name>> {
    const reply = await page.evaluate<
      { ok: true; value: ReplyOf<Name> } | { ok: false; error: { code: string } }
    >(`chrome.runtime.sendMessage(${JSON.stringify({ name, request })})`);
    if (!reply.ok) throw new Error(reply.error.code);
    return reply.value;
  }

  return {
    extension,
    page,
    framesOf: async (name, seconds) => {
      const pngs: string[] = [];
      for (const second of seconds) pngs.push(await frameOf(videoPage, `/videos/${name}`, second + 0.02));
      return pngs;
    },
    scan: async (scan) => {
      await ask('openHost', null);
      return await page.evaluate<StandInEnd>(`runStandIn(${JSON.stringify(scan)})`);
    },
    ask,
    close: async () => {
      await extension.close();
      await site.close();
    },
  };
}
