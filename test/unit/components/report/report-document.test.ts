import { h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { expect, test } from 'vitest';
import { ReportDocument } from '../../../../components/report/report-document.tsx';
import type { ScanReport } from '../../../../utils/domain/report.ts';
import { exportedReport } from '../../../fixtures/bundles/make-bundle.ts';
import { DEMO_MODEL, refusalOf, reportOf, verdictOf } from '../../../fixtures/scans/scans.ts';

const STYLE = { text: 'main > p { color: black }', sha256Base64: 'AbCd=' };
const PNG = 'data:image/png;base64,AAAA';

function htmlOf(report: ScanReport, fields: { title?: string; pageUrl?: string } = {}): string {
  const faces = report.frameScores.slice(0, 6).map((face) => ({ ...face, src: PNG }));
  const exported = { ...exportedReport(report), ...fields };
  return renderToString(h(ReportDocument, { exported, faces, fingerprint: null, style: STYLE }));
}

test('the page says verdict, meaning, limits, what was used, and what else to look at', () => {
  const html = htmlOf(reportOf(verdictOf(0.82)));
  for (const words of [
    'Likely manipulated',
    'score 82 of 100',
    'Celeb-DF v2',
    'Can’t judge fully generated scenes',
    'GenConViT ED',
    'ed-fp16-webgpu-0f3a5b9c21d4',
    'What else to look at',
    '1'.repeat(64),
  ]) {
    expect(html).toContain(words);
  }
  expect(html.match(/<img /g)).toHaveLength(6);
});

test('the page lets nothing in but its own style and pictures', () => {
  const html = htmlOf(reportOf(verdictOf(0.82)));
  expect(html).toContain(
    `content="default-src 'none'; img-src data:; style-src 'sha256-AbCd='; base-uri 'none'; form-action 'none'"`,
  );
  expect(html).toContain('<style>main > p { color: black }</style>');
  // Refused by that policy.
  expect(html).not.toMatch(/<script|<iframe|<link|\son\w+=|\sstyle="|tabindex/i);
  for (const [, address] of html.matchAll(/\s(?:src|href)="([^"]*)"/g)) {
    expect(address).toMatch(/^(data:image\/png|https:\/\/)/);
  }
});

test('the checked page’s title is text, isolated from the direction of the words around it', () => {
  const html = htmlOf(reportOf(verdictOf(0.82)), {
    title: '</title><script>alert(1)</script>\u202e"',
    pageUrl: 'javascript:alert(1)',
  });
  expect(html).not.toContain('<script');
  expect(html).not.toContain('href="javascript');
  expect(html).toContain(
    '<span class="title"><bdi>&lt;/title>&lt;script>alert(1)&lt;/script>\u202e&quot;</bdi></span>',
  );
});

test('a title of thousands of characters does not push the report over its page', () => {
  expect(htmlOf(reportOf(verdictOf(0.82)), { title: 'x'.repeat(5000) })).not.toContain('x'.repeat(200));
});

test('a stand-in network’s report says so first, and means nothing', () => {
  const html = htmlOf(reportOf(verdictOf(0.82), { model: DEMO_MODEL }));
  expect(html.indexOf('Every number here comes from made-up weights')).toBeGreaterThan(0);
  expect(html).not.toContain('Celeb-DF');
});

test('a refusal has its reason, and neither chart nor faces', () => {
  const html = htmlOf(reportOf(refusalOf('no-face')));
  expect(html).toContain('No face to check');
  expect(html).not.toMatch(/<img |score-chart/);
});
