import { afterAll, beforeAll, expect, test } from 'vitest';
import { menuOn } from '../support/gestures.ts';
import { startWorld, type World } from '../support/world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

test('the browser grants seven permissions at install, and no site', async () => {
  const granted = await world.driver.inServiceWorker<{ permissions: string[]; origins: string[] }>(
    'chrome.permissions.getAll()',
  );
  expect(granted.permissions.toSorted()).toEqual([
    'activeTab',
    'contextMenus',
    'declarativeNetRequestWithHostAccess',
    'offscreen',
    'scripting',
    'storage',
    'unlimitedStorage',
  ]);
  expect(granted.origins).toEqual([]);
});

test('no page of the extension can reach any server but the model’s publisher', async () => {
  const options = await world.driver.extension.context.newPage();
  await options.goto(`${world.driver.extension.origin}/options.html`);
  const refused = await options.evaluate<string>(`new Promise((resolve) => {
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => resolve(effectiveDirective));
    fetch('https://elsewhere.invalid/').catch(() => undefined);
  })`);
  expect(refused).toBe('connect-src');
  expect(world.proxy.attempts()).toEqual([]);
  await options.close();
});

test('a check causes no traffic beyond the page’s own', async () => {
  const { driver, site, proxy } = world;
  const tab = await driver.openTab(world.urlOf('/plain'));
  const pathsBefore = site.requestedPaths.length;
  await menuOn(driver, tab, 'video');
  const scan = await driver.waitForEnd(tab);
  expect(scan.state.kind).toBe('finished');

  // The request is the page's own: a looping video asks for its file again.
  const paths = new Set(site.requestedPaths.slice(pathsBefore));
  expect([...paths].filter((path) => path !== '/videos/one-face.mp4')).toEqual([]);
  expect(proxy.attempts()).toEqual([]);

  // The absence of requests means something only if the proxy sees requests.
  await tab.page.goto('http://watched.invalid/').catch(() => undefined);
  expect(proxy.attempts()).toEqual(['watched.invalid']);
});
