import { describe, expect, test } from 'vitest';
import { addressToReopen, findSite, postAddress } from '../../../../utils/domain/post-sites.ts';
import { badgeSiteOf, knownBadgeSites } from '../../../../utils/domain/sites.ts';

const addressOf = (link: string): string | null => {
  const url = new URL(link);
  return postAddress(url, url);
};

describe('a post’s address', () => {
  // Forms that are publicly documented or seen in public links.
  test.each([
    ['https://x.com/someone/status/1789/photo/1?s=20', 'https://x.com/someone/status/1789'],
    ['https://mobile.twitter.com/someone/status/1789', 'https://twitter.com/someone/status/1789'],
    ['https://www.facebook.com/reel/123456?fs=e', 'https://facebook.com/reel/123456'],
    ['https://www.facebook.com/watch/?v=77&ref=sharing', 'https://facebook.com/watch?v=77'],
    ['https://www.facebook.com/someone/videos/a-title/99/', 'https://facebook.com/someone/videos/a-title/99'],
    ['https://www.instagram.com/reel/Cx_y-1/?igsh=abc', 'https://instagram.com/reel/Cx_y-1'],
    ['https://www.threads.com/@some.one/post/Ab1?xmt=2', 'https://threads.com/@some.one/post/Ab1'],
    ['https://www.tiktok.com/@someone/video/7312?is_from_webapp=1', 'https://tiktok.com/@someone/video/7312'],
    ['https://www.youtube.com/watch?v=abc-_1&list=xyz&t=10s', 'https://youtube.com/watch?v=abc-_1'],
    ['https://m.youtube.com/shorts/abc123?feature=share', 'https://youtube.com/shorts/abc123'],
    [
      'https://old.reddit.com/r/videos/comments/1abc2/some_title/',
      'https://reddit.com/r/videos/comments/1abc2',
    ],
    [
      'https://www.linkedin.com/feed/update/urn:li:activity:71/?x=1',
      'https://linkedin.com/feed/update/urn:li:activity:71',
    ],
    [
      'https://bsky.app/profile/someone.example/post/3kab',
      'https://bsky.app/profile/someone.example/post/3kab',
    ],
    ['https://mastodon.example/@someone/1112223334', 'https://mastodon.example/@someone/1112223334'],
    ['https://t.me/s/channel/45', 'https://t.me/s/channel/45'],
    ['https://vk.com/video-12_345?list=1', 'https://vk.com/video-12_345'],
    ['https://clips.example/videos/some-clip?utm_source=x', 'https://clips.example/videos/some-clip'],
  ])('of %s is %s', (link, address) => {
    expect(addressOf(link)).toBe(address);
  });

  test.each([
    'https://x.com/someone',
    'https://www.facebook.com/watch/',
    'https://www.youtube.com/watch',
    'https://www.youtube.com/@channel',
    'https://clips.example/about',
    'https://clips.example/videos/latest',
    'https://clips.example/watch/live',
    'https://clips.example/posts/2026',
    'https://www.instagram.com/reels/audio/123456',
    'https://www.youtube.com/embed/videoseries?list=abc',
    'javascript:void(0)',
  ])('is none of %s', (link) => {
    expect(addressOf(link)).toBe(null);
  });

  test('on a site that is listed is never one of another site', () => {
    expect(postAddress(new URL('https://elsewhere.example/videos/abc-1'), new URL('https://x.com/'))).toBe(
      null,
    );
  });

  test('on any other site is never one of another site: a copy may name its source', () => {
    expect(postAddress(new URL('https://x.com/someone/status/1789'), new URL('https://blog.example/'))).toBe(
      null,
    );
    expect(postAddress(new URL('https://other.example/videos/abc-1'), new URL('https://blog.example/'))).toBe(
      null,
    );
  });

  test('is never one of another port or scheme of the same host, which another program may serve', () => {
    const page = new URL('http://localhost:8123/feed');
    expect(postAddress(new URL('http://localhost:8123/posts/abc-1'), page)).toBe(
      'http://localhost:8123/posts/abc-1',
    );
    expect(postAddress(new URL('http://localhost:9000/posts/abc-1'), page)).toBe(null);
    expect(postAddress(new URL('https://localhost:8123/posts/abc-1'), page)).toBe(null);
  });

  test.each([
    ['https://site.example/posts/2026/11/some-one', 'https://site.example/posts/2026/11/some-other'],
    ['https://news.example/video/world/2026/11/x-story', 'https://news.example/video/world/2026/11/y-story'],
    ['https://h.example/video/a-player?src=A', 'https://h.example/video/a-player?src=B'],
  ])('of %s is another one than of %s', (one, other) => {
    expect(addressOf(one)).not.toBe(null);
    expect(addressOf(one)).not.toBe(addressOf(other));
  });
});

test('a look-alike of a known site’s name is another site', () => {
  expect(findSite('notx.com')).toBe(null);
  expect(findSite('x.com.example')).toBe(null);
  expect(findSite('mobile.x.com')?.siteId).toBe('x');
});

test('switching badges on asks for the site’s own host and those of its videos, and nothing else', () => {
  expect(badgeSiteOf('https://x.com/home')).toEqual({
    siteId: 'x',
    name: 'X',
    pagePatterns: ['*://*.x.com/*', '*://*.twitter.com/*'],
    originPatterns: ['*://*.x.com/*', '*://*.twitter.com/*', '*://*.video.twimg.com/*'],
  });
  expect(badgeSiteOf('http://clips.example:8080/page')).toEqual({
    siteId: 'clips.example',
    name: 'clips.example',
    pagePatterns: ['*://*.clips.example/*'],
    originPatterns: ['*://*.clips.example/*'],
  });
});

test('of a site that is not known by name its page tells where its videos come from', () => {
  const site = badgeSiteOf('https://www.clips.example/home', [
    'https://clips.example/a.mp4',
    'https://cdn.clips.example/b.mp4',
    'https://files.elsewhere.example:8443/c.mp4?x=1',
    'https://files.elsewhere.example/d.mp4',
    'not an address',
    'https://one.example/e.mp4',
    'https://two.example/f.mp4',
    'https://three.example/g.mp4',
  ]);
  expect(site).toEqual({
    siteId: 'clips.example',
    name: 'clips.example',
    pagePatterns: ['*://*.clips.example/*'],
    originPatterns: [
      '*://*.clips.example/*',
      '*://files.elsewhere.example/*',
      '*://one.example/*',
      '*://two.example/*',
    ],
  });
  // Where all is known, nothing of the page's is asked for.
  expect(badgeSiteOf('https://x.com/home', ['https://ads.example/a.mp4'])?.originPatterns).not.toContain(
    '*://ads.example/*',
  );
});

test.each([
  ['http://localhost:8080/', '*://localhost/*'],
  ['http://192.168.1.7/', '*://192.168.1.7/*'],
  ['http://[::1]:8080/', '*://[::1]/*'],
  ['http://nas/', '*://nas/*'],
])('what %s names has no names under it', (pageUrl, pattern) => {
  expect(badgeSiteOf(pageUrl)?.originPatterns).toEqual([pattern]);
});

test.each(['chrome://extensions', 'file:///clip.mp4', 'about:blank', 'not an address', 'data:text/html,x'])(
  'no badges can be switched on for %s',
  (pageUrl) => {
    expect(badgeSiteOf(pageUrl)).toBe(null);
  },
);

test('the table names each host once, and no pattern for all hosts', () => {
  const patterns = knownBadgeSites().flatMap(({ pagePatterns }) => pagePatterns);
  expect(new Set(patterns).size).toBe(patterns.length);
  const origins = knownBadgeSites().flatMap(({ originPatterns }) => originPatterns);
  for (const origin of origins) expect(origin).toMatch(/^\*:\/\/\*(?:\.[a-z0-9-]+){2,}\/\*$/);
});

describe('where a post can be opened again', () => {
  const reopened = (pageUrl: string, link: string): string => {
    const postUrl = postAddress(new URL(link, pageUrl), new URL(pageUrl));
    expect(postUrl).not.toBe(null);
    return addressToReopen({ pageUrl, postUrl });
  };

  test('is the post’s own address, not the feed’s', () => {
    expect(reopened('https://x.com/home', '/someone/status/1789?s=20')).toBe(
      'https://x.com/someone/status/1789',
    );
    expect(reopened('https://www.facebook.com/', '/watch/?v=12&ref=sharing')).toBe(
      'https://www.facebook.com/watch?v=12',
    );
    // The site's other host, which the link has named.
    expect(reopened('https://x.com/home', 'https://www.twitter.com/someone/status/1789')).toBe(
      'https://twitter.com/someone/status/1789',
    );
  });

  test('has the page’s scheme, port and subdomain, without which a site may not answer', () => {
    expect(reopened('http://localhost:8123/feed', '/posts/abc-1')).toBe('http://localhost:8123/posts/abc-1');
    expect(reopened('https://www.blog.example/', '/videos/abc-1')).toBe(
      'https://www.blog.example/videos/abc-1',
    );
  });

  test('is the page’s address where no post is known, or where another site’s frame has it', () => {
    const pageUrl = 'https://news.example/today';
    expect(addressToReopen({ pageUrl, postUrl: null })).toBe(pageUrl);
    expect(addressToReopen({ pageUrl })).toBe(pageUrl);
    expect(addressToReopen({ pageUrl, postUrl: 'https://youtube.com/embed/abc' })).toBe(pageUrl);
    expect(addressToReopen({ pageUrl, postUrl: 'news.example' })).toBe(pageUrl);
    expect(addressToReopen({ pageUrl: 'no address', postUrl: 'https://x.com/someone/status/1789' })).toBe(
      'no address',
    );
  });
});
