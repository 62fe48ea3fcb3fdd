import { dirname } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { addFakeHost, checkVideo, injectContentScript } from '../support/fake-host.ts';
import { startSite } from '../support/site/server.ts';
import type { Site } from '../support/site/server.ts';
import { ensureTestVideos } from '../fixtures/videos/make-videos.ts';
import { launchChromium } from '../support/chromium.ts';
import { reportSource, showRemembered } from '../support/remembered-verdict.ts';

/**
 * A page tries to find out the verdict of its visitor's check. The badge is in a closed shadow root, so the page uses
 * the other information that the browser gives it: text search, selections, hit tests, carets, covers of its own
 * elements, layout shifts, events, animations, performance entries.
 */
const SPYING_PAGE = `<!doctype html>
<meta charset="utf-8" />
<title>A video</title>
<style>
  body { margin: 0; padding: 40px 60px }
  video { display: block }
  i { position: fixed; width: 4px; height: 4px; background: #fff }
</style>
<video src="/videos/one-face.webm" muted loop autoplay playsinline width="480" height="270"></video>
<script>
  globalThis.heard = [];
  for (const type of ['transitionrun', 'transitionend', 'animationstart', 'animationend', 'focusin', 'focusout', 'toggle', 'beforetoggle', 'slotchange'])
    addEventListener(type, ({ target }) => heard.push(type + ' of ' + (target.localName ?? 'document')), true);
  const types = ['element', 'event', 'first-input', 'largest-contentful-paint', 'layout-shift'];
  new PerformanceObserver((list) => {
    for (const { entryType, value, hadRecentInput } of list.getEntries())
      if (entryType === 'layout-shift') heard.push([entryType, value, hadRecentInput].join());
  }).observe({ type: 'layout-shift', buffered: true });
  // One element in each 8 pixels, of which the browser says whether anything is drawn over it.
  globalThis.covered = {};
  const observer = new IntersectionObserver(
    (entries) => { for (const { target, isVisible } of entries) covered[target.title] = !isVisible; },
    { trackVisibility: true, delay: 100, threshold: [0, 1] },
  );
  for (let x = 64; x < 420; x += 8) for (let y = 44; y < 92; y += 8) {
    // A quiet badge hides under what covers its mark's middle.
    if (x === 80 && y === 60) continue;
    const spot = document.body.appendChild(document.createElement('i'));
    spot.style.left = x + 'px';
    spot.style.top = y + 'px';
    spot.title = x + ',' + y;
    observer.observe(spot);
  }
  globalThis.selectEditable = () => {
    document.designMode = 'on';
    document.execCommand('selectAll');
    const text = getSelection().toString();
    document.designMode = 'off';
    return text;
  };
  globalThis.observe = () => {
    const words = ['Likely', 'manipulated', 'Not sure', 'No manipulation', 'face', 'TrueFrame', 'score', '90', 'Check'];
    const found = words.filter((word) => {
      getSelection().removeAllRanges();
      return find(word, false, false, true, false, true, false);
    });
    getSelection().removeAllRanges();
    document.execCommand('selectAll');
    const selected = getSelection().toString();
    getSelection().removeAllRanges();
    const host = document.documentElement.lastElementChild;
    const hits = [];
    for (let x = 62; x < 420; x += 3) for (let y = 42; y < 92; y += 5) {
      const caret = document.caretPositionFromPoint(x, y);
      hits.push(document.elementsFromPoint(x, y).map(({ localName }) => localName).join('<') + ':' + (caret?.offsetNode?.nodeName ?? '') + (caret?.offset ?? ''));
    }
    const rect = ({ x, y, width, height }) => [x, y, width, height];
    return JSON.stringify({
      found, selected, hits, covered, heard,
      host: [host.cloneNode().outerHTML, host.getHTML({ serializableShadowRoots: true }), host.innerText, rect(host.getBoundingClientRect()),
        host.scrollWidth, host.scrollHeight, host.offsetWidth, [...host.getClientRects()].map(rect), host.checkVisibility()],
      style: [...getComputedStyle(host)].map((name) => getComputedStyle(host).getPropertyValue(name)).join(';'),
      document: [document.documentElement.scrollWidth, document.documentElement.scrollHeight, document.activeElement?.localName,
        document.getAnimations().length, host.getAnimations({ subtree: true }).length, frames.length, document.title],
    });
  };
</script>`;

const judged = (kind: string, score: number): string =>
  `{ kind: '${kind}', score: ${String(score)}, decidingPersonId: 1, doubts: [], framesUsed: 15, framesScanned: 15,
    framesAsked: 15, pooledScore: ${String(score)}, people: [] }`;
const VERDICTS = [
  judged('likely-manipulated', 0.9),
  judged('not-sure', 0.5),
  judged('no-manipulation-found', 0.1),
  `{ kind: 'refused', reason: 'no-face', framesScanned: 15, framesAsked: 15 }`,
];

let site: Site;
let context: BrowserContext;
let closeChromium: () => Promise<void>;

beforeAll(async () => {
  const videos = await ensureTestVideos();
  site = await startSite({
    pages: { '/spying': SPYING_PAGE },
    folders: { '/videos/': dirname(videos['one-face.webm'].path) },
  });
  ({ context, close: closeChromium } = await launchChromium({}));
  await addFakeHost(context);
});
afterAll(async () => {
  await closeChromium();
  await site.close();
});
afterEach(async () => {
  for (const open of context.pages()) await open.close();
});

async function openSpying(): Promise<Page> {
  const page = await context.newPage();
  await page.setViewportSize({ width: 1000, height: 700 });
  await page.goto(`${site.origin}/spying`);
  await page.waitForFunction(`document.querySelector('video').currentTime > 0`);
  await injectContentScript(page);
  return page;
}

const IS_SHOWN = `testHost.overlay()?.querySelector('.place.is-shown .pill') != null`;
const TITLE = `testHost.overlay().querySelector('.words > span').dataset.text`;

/**
 * The page's observations once they don't change any more: the browser reports covers of the page's elements after a
 * delay.
 */
async function observeUntilStable(page: Page): Promise<string> {
  let last = '';
  await expect
    .poll(
      async () => {
        const former = last;
        last = await page.evaluate<string>('observe()');
        return last === former;
      },
      { interval: 250, timeout: 15_000 },
    )
    .toBe(true);
  return last;
}

/** Compares them field by field, so that a failure names the difference that the page could see. */
function expectAllEqual(observations: ReadonlySet<string>): void {
  const [first, ...others] = [...observations].map((each) => JSON.parse(each) as Record<string, unknown>);
  for (const other of others) {
    for (const [name, value] of Object.entries(other)) {
      expect({ [name]: value }).toEqual({ [name]: first![name] });
    }
  }
}

describe('what a page learns of a verdict', () => {
  test('from a quiet badge, with or without the pointer on it, is the same for each', async () => {
    const titles = new Set<string>();
    const resting = new Set<string>();
    const hovered = new Set<string>();
    for (const verdict of VERDICTS) {
      const page = await openSpying();
      await page.evaluate(showRemembered(verdict));
      await page.waitForFunction(IS_SHOWN);
      titles.add(await page.evaluate<string>(TITLE));
      resting.add(await observeUntilStable(page));
      await page.mouse.move(60 + 22, 40 + 22);
      await page.waitForFunction(`testHost.overlay().querySelector('.plate').offsetWidth > 90`);
      hovered.add(await observeUntilStable(page));
      await page.close();
    }
    expect(titles.size).toBe(VERDICTS.length);
    expectAllEqual(resting);
    expectAllEqual(hovered);
    const [seen = ''] = resting;
    const { found, covered, hits } = JSON.parse(seen) as {
      found: string[];
      covered: Record<string, boolean>;
      hits: string[];
    };
    expect(found).toEqual([]);
    // The page's methods do see the badge.
    expect(Object.values(covered).filter(Boolean).length).toBeGreaterThan(20);
    expect(hits.filter((hit) => hit.startsWith('div')).length).toBeGreaterThan(20);
  });

  test('from the badge of a check by hand, after its end and when its words have gone, is the same for each', async () => {
    const seen = new Set<string>();
    const later = new Set<string>();
    const pages: Page[] = [];
    for (const verdict of VERDICTS) {
      const page = await openSpying();
      await checkVideo(page, { kind: 'pointer', srcUrl: null }, 60);
      await page.waitForFunction(`testHost.received.some(({ type }) => type === 'start')`);
      await page.evaluate(
        `testHost.send({ type: 'state', state: { kind: 'finished', report: ${reportSource(verdict)} }, evidence: [] })`,
      );
      await page.waitForFunction(`testHost.overlay().querySelector('.is-full') !== null`);
      seen.add(await observeUntilStable(page));
      pages.push(page);
    }
    for (const page of pages) {
      await page.waitForFunction(`testHost.overlay().querySelector('.is-full') === null`);
      later.add(await observeUntilStable(page));
    }
    expectAllEqual(seen);
    expectAllEqual(later);
  });

  test('from the words of an open card is nothing', async () => {
    const page = await openSpying();
    await page.evaluate(showRemembered(VERDICTS[0]!));
    await page.waitForFunction(IS_SHOWN);
    await page.mouse.click(60 + 22, 40 + 22);
    await page.waitForFunction(`testHost.overlay().querySelector('.card') !== null`);
    expect(await page.evaluate(`testHost.overlay().querySelector('h2').dataset.text`)).toBe(
      'Likely manipulated',
    );
    const { found, selected } = JSON.parse(await observeUntilStable(page)) as {
      found: string[];
      selected: string;
    };
    const editable = await page.evaluate<string>('selectEditable()');
    expect([found, selected.trim(), editable.trim()]).toEqual([[], '', '']);
  });
});
