import { describe, expect, test } from 'vitest';
import { isInstalling } from '../../utils/domain/installation.ts';
import { BYTES_PER_SECOND, expectToSurvive, ITEM, useInstallations } from '../support/installations.ts';

const run = useInstallations();

describe('an installation', () => {
  test('goes on when the page that asked for it is closed, and is tested when it is there', async () => {
    run.publisher.behave({ bytesPerSecond: BYTES_PER_SECOND });
    const page = await run.driver.extension.context.newPage();
    await page.goto(`${run.driver.extension.origin}/manifest.json`);
    await run.driver.ask('openHost', null);
    await page.evaluate(
      `chrome.runtime.sendMessage({ name: 'startInstallation', request: ${JSON.stringify({
        kind: 'download',
        items: [ITEM],
      })} })`,
    );
    await expect
      .poll(run.stateNow)
      .toMatchObject({ kind: 'downloading', title: 'GenConViT VAE', step: 1, steps: 1 });
    await page.close();

    const end = await run.waitForEnd();
    const [model] = await run.listModels();
    expect(end).toEqual({ kind: 'installed', modelIds: [model!.modelId] });
    expect(model).toMatchObject({
      provenance: 'published-download',
      state: 'ready',
      selfTest: {
        device: 'wasm',
        wasm: { kind: 'passed' },
        // The software adapter of this Chromium.
        webgpu: { kind: 'absent', reason: 'software' },
      },
    });
    expect(model!.selfTest!.wasm).toHaveProperty('millisecondsPerFace');
  });

  test('is one, however many pages ask for it at once', async () => {
    run.publisher.behave({ bytesPerSecond: BYTES_PER_SECOND });
    const pages = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const page = await run.driver.extension.context.newPage();
        await page.goto(`${run.driver.extension.origin}/manifest.json`);
        return page;
      }),
    );
    const request = JSON.stringify({ kind: 'download', title: 'GenConViT', items: [ITEM] });
    const replies = await Promise.all(
      pages.map((page) =>
        page.evaluate<{ readonly ok: boolean }>(
          `chrome.runtime.sendMessage({ name: 'openHost', request: null }).then(() =>
            chrome.runtime.sendMessage({ name: 'startInstallation', request: ${request} }))`,
        ),
      ),
    );
    expect(replies.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect((await run.waitForEnd()).kind).toBe('installed');
    expect(await run.listModels()).toHaveLength(1);
    expect(run.publisher.sentByteLength()).toBeLessThan(1.1 * run.checkpointByteLength);
    run.publisher.behave({ bytesPerSecond: null });
    const again = await run.install();
    expect(isInstalling(again)).toBe(true);
    expect((await run.waitForEnd()).kind).toBe('installed');
    // The same model replaces itself.
    expect(await run.listModels()).toHaveLength(1);
  });

  test('can be cancelled, is kept, and can be continued', async () => {
    run.publisher.behave({ bytesPerSecond: BYTES_PER_SECOND });
    await run.install();
    await expect
      .poll(
        async () => {
          const state = await run.stateNow();
          return state.kind === 'downloading'
            ? state.progress.doneByteLength / state.progress.totalByteLength
            : 0;
        },
        { timeout: 20_000 },
      )
      .toBeGreaterThan(0.6);
    await run.driver.ask('cancelInstallation', null);
    expect(await run.waitForEnd()).toEqual({ kind: 'cancelled' });
    expect(await run.listModels()).toEqual([]);
    run.publisher.clearLog();
    await run.install();
    expect((await run.waitForEnd()).kind).toBe('installed');
    expect(run.publisher.sentByteLength()).toBeLessThan(0.75 * run.checkpointByteLength);
  });

  test('whose answers the browser hides says so, and works with the permission', async () => {
    run.publisher.behave({ cors: 'refused' });
    await run.install();
    expect(await run.waitForEnd()).toMatchObject({ kind: 'failed', code: 'download-blocked', items: [ITEM] });

    await run.driver.close();
    await run.start(['localhost', '127.0.0.1']);
    await run.publishTwin();
    await run.install();
    expect((await run.waitForEnd()).kind).toBe('installed');
  });

  test('on a full disk fails clearly, keeps what is there, and goes on when there is room', async () => {
    const session = await run.driver.extension.context.newCDPSession(run.driver.probe);
    const { origin } = run.driver.extension;
    run.publisher.behave({ bytesPerSecond: BYTES_PER_SECOND });
    await run.install();
    await expect
      .poll(async () => (await run.driver.ask('listPartialDownloads', null))[0]?.doneByteLength ?? 0, {
        timeout: 20_000,
      })
      .toBeGreaterThan(0.3 * run.checkpointByteLength);
    const { usage } = (await session.send('Storage.getUsageAndQuota', { origin })) as {
      readonly usage: number;
    };
    await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: usage + 1000 });
    run.publisher.behave({ bytesPerSecond: null });
    expect(await run.waitForEnd()).toMatchObject({ kind: 'failed', code: 'storage-full' });
    const [partial] = await run.driver.ask('listPartialDownloads', null);
    run.publisher.clearLog();
    expect(await run.listModels()).toEqual([]);
    await session.send('Storage.overrideQuotaForOrigin', { origin });
    await run.install();
    expect((await run.waitForEnd()).kind).toBe('installed');
    expect(run.publisher.sentByteLength()).toBeLessThan(
      run.checkpointByteLength - partial!.doneByteLength / 2,
    );
  });

  test('that is killed with its host or its browser, and begun again each time, ends with the same bytes', async () => {
    await expectToSurvive(run, ['host', 'browser']);
  });
});
