import { beforeEach, describe, expect, test, vi } from 'vitest';
import * as v from 'valibot';

type Listener = (message: unknown, sender: object, sendResponse: (reply: unknown) => void) => unknown;
const fake = { listeners: new Set<Listener>(), answer: (): Promise<unknown> => Promise.resolve(undefined) };
vi.mock('wxt/browser', () => ({
  browser: {
    runtime: {
      id: 'own',
      getURL: (path: string) => `chrome-extension://own${path}`,
      onMessage: {
        addListener: (listener: Listener) => fake.listeners.add(listener),
        removeListener: (listener: Listener) => fake.listeners.delete(listener),
      },
      sendMessage: () => fake.answer(),
    },
    tabs: { sendMessage: () => fake.answer() },
  },
}));
const { ask, askBadges, askFrame, handleMessages } = await import('../../../../utils/browser/messages.ts');
const { CONTENT_REQUESTS, fromContent } = await import('../../../../utils/browser/from-content.ts');
const { DetectorError } = await import('../../../../utils/domain/errors.ts');

const OWN_PAGE = { id: 'own', url: 'chrome-extension://own/popup.html' };
const WORKER = { id: 'own', origin: 'chrome-extension://own' };
const CONTENT_SCRIPT = {
  id: 'own',
  url: 'https://site.example/watch',
  origin: 'https://site.example',
  frameId: 3,
  tab: { id: 7, incognito: true },
};

/** The value that the listener returned at once, and the reply where one came. */
async function send(name: unknown, request: unknown, sender: object): Promise<[unknown, unknown]> {
  const reply = Promise.withResolvers<unknown>();
  const [returned] = [...fake.listeners].map((listener) =>
    listener({ name, request }, sender, reply.resolve),
  );
  return [returned, returned === true ? await reply.promise : undefined];
}

beforeEach(() => {
  fake.listeners.clear();
  fake.answer = () => Promise.resolve(undefined);
});

describe('a handler', () => {
  const handled: unknown[] = [];
  beforeEach(() => {
    handled.length = 0;
    handleMessages('badges', {
      badgesChanged: () => {
        handled.push('badgesChanged');
        return null;
      },
    });
  });

  test.each([
    ['one of our own pages', OWN_PAGE],
    ['our service worker', WORKER],
  ])('answers %s', async (_who, sender) => {
    expect(await send('badgesChanged', null, sender)).toEqual([true, { ok: true, value: null }]);
  });

  test.each([
    ['a content script', CONTENT_SCRIPT],
    ['a page whose address only begins like ours', { id: 'own', url: 'chrome-extension://own.example/' }],
    ['another extension', { id: 'other', url: 'chrome-extension://other/popup.html' }],
    ['a sender of which the browser says nothing', { id: 'own' }],
  ])('does not answer %s', async (_who, sender) => {
    expect(await send('badgesChanged', null, sender)).toEqual([undefined, undefined]);
    expect(handled).toEqual([]);
  });

  test.each(['listVideos', 'toString', undefined, 3])('leaves the name %s to others', async (name) => {
    expect(await send(name, null, OWN_PAGE)).toEqual([undefined, undefined]);
  });
});

describe('a handler for content scripts', () => {
  const heard: unknown[] = [];
  const handlers = {
    badgesChanged: fromContent(v.null(), (request: null, sender) => {
      heard.push([request, sender]);
      return null;
    }),
  };
  beforeEach(() => {
    heard.length = 0;
    handleMessages('badges', handlers);
  });

  test('hears of the sender what the browser says', async () => {
    expect(await send('badgesChanged', null, CONTENT_SCRIPT)).toEqual([true, { ok: true, value: null }]);
    expect(heard).toEqual([
      [
        null,
        {
          tabId: 7,
          frameId: 3,
          url: 'https://site.example/watch',
          pageUrl: null,
          pageTitle: null,
          isPrivate: true,
          isOwnPage: false,
        },
      ],
    ]);
  });

  test('refuses what is not of its schema by a code, and repeats nothing of it', async () => {
    const [, reply] = await send('badgesChanged', { secret: 'of the page' }, CONTENT_SCRIPT);
    expect(reply).toMatchObject({ ok: false, error: { code: 'request-invalid' } });
    expect(JSON.stringify(reply)).not.toMatch(/secret|page/);
    expect(heard).toEqual([]);
  });
});

const video = {
  fileUrl: null,
  isServed: false,
  widthPixels: 1280,
  heightPixels: 720,
  durationSeconds: 12.5,
};
const scanId = '0123456789abcdef0123456789abcdef';
const LINKS = {
  levels: [{ addresses: ['https://x.com/a/status/1'], isAlone: true }],
  isAlone: false,
  isAdvertisement: false,
};
const ADDRESS = `https://site.example/${'a'.repeat(8000)}`;

test.each([
  ['openPage', { page: 'report', scanId }],
  ['openPage', { page: 'welcome', scanId: null }],
  ['requestHost', { host: 'files.example' }],
  ['beginAutomatic', { links: LINKS, fileUrl: ADDRESS, isServed: false, durationSeconds: null }],
  ['hasDetails', { scanId: crypto.randomUUID() }],
  ['askAgain', { scanId }],
  ['askAgain', { scanId, source: 'screen' }],
  ['scanLost', { scanId, video, startedAt: 1_790_000_000_000 }],
  ['scanLost', { scanId, video: { ...video, postUrl: null }, startedAt: 1_790_000_000_000 }],
] as const)('takes %s as our content scripts send it', (name, request) => {
  expect(v.parse(CONTENT_REQUESTS[name], request)).toEqual(request);
});

test.each([
  ['openPage', { page: 'options', scanId: null }],
  ['openPage', { page: 'report', scanId: 'a'.repeat(65) }],
  ['requestHost', { host: '' }],
  ['requestHost', { host: 'a'.repeat(254) }],
  [
    'beginAutomatic',
    { links: LINKS, fileUrl: `${ADDRESS}${'a'.repeat(300)}`, isServed: false, durationSeconds: 1 },
  ],
  ['beginAutomatic', { links: LINKS, fileUrl: null, isServed: false, durationSeconds: Number.NaN }],
  [
    'beginAutomatic',
    {
      links: { ...LINKS, levels: Array(9).fill(LINKS.levels[0]) },
      fileUrl: null,
      isServed: false,
      durationSeconds: 1,
    },
  ],
  ['askAgain', { scanId, source: 'source' }],
  ['hasDetails', { scanId: ['a'] }],
  ['scanLost', { scanId, video: { ...video, fileUrl: 'a'.repeat(8193) }, startedAt: 1 }],
  ['scanLost', { scanId, video: { ...video, widthPixels: -1 }, startedAt: 1 }],
  ['scanLost', { scanId, video: null, startedAt: 1 }],
] as const)('refuses %s of another form or size: %#', (name, request) => {
  expect(v.safeParse(CONTENT_REQUESTS[name], request).success).toBe(false);
});

test('an error arrives with its code, its parameters and its causes', async () => {
  handleMessages('badges', {
    badgesChanged: () => {
      throw new DetectorError('page-refused', 'no script', {
        params: { place: 'frame' },
        cause: new TypeError('closed', { cause: new DetectorError('source-failed', 'away') }),
      });
    },
  });
  const [, reply] = await send('badgesChanged', null, OWN_PAGE);
  fake.answer = () => Promise.resolve(structuredClone(reply));
  const error: unknown = await askBadges(7, 'badgesChanged', null).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DetectorError);
  expect(error).toMatchObject({
    code: 'page-refused',
    params: { place: 'frame' },
    isPassing: false,
    cause: [
      { code: 'TypeError', message: 'closed' },
      { code: 'source-failed', message: 'away' },
    ],
  });
});

test('what is no error of ours is internal', async () => {
  handleMessages('badges', {
    badgesChanged: () => {
      throw new RangeError('a bug');
    },
  });
  expect((await send('badgesChanged', null, OWN_PAGE))[1]).toEqual({
    ok: false,
    error: { code: 'internal', params: {}, cause: [{ code: 'RangeError', message: 'a bug' }] },
  });
});

test.each([
  ['no context answers', () => Promise.resolve(undefined)],
  ['the browser knows no receiver', () => Promise.reject(new Error('Receiving end does not exist.'))],
])('is unreachable, a passing failure, where %s', async (_what, answer) => {
  fake.answer = answer;
  await expect(ask('host', 'getInstallation', null)).rejects.toMatchObject({
    code: 'unreachable',
    isPassing: true,
  });
});

test('asking the wrong context does not compile', () => {
  const questions = [
    // @ts-expect-error The host has no handler for it.
    () => ask('host', 'openHost', null),
    // @ts-expect-error The background has none for it.
    () => ask('background', 'getScanDetails', { scanId }),
    // @ts-expect-error Only a frame has.
    () => ask('background', 'listVideos', null),
    // @ts-expect-error A frame's content script has none for it.
    () => askFrame({ tabId: 1, frameId: 0 }, 'badgesChanged', null),
    // @ts-expect-error The request is another message's.
    () => ask('background', 'hasDetails', null),
  ];
  expect(questions).toHaveLength(5);
});
