import { expect, test } from 'vitest';
import {
  TOOLBAR_COLOURS,
  toolbarProblem,
  toolbarViewOf,
} from '../../../../entrypoints/background/toolbar.ts';
import type { RefusalReason } from '../../../../utils/domain/verdict.ts';
import { DEMO_MODEL, finishedState, refusalOf, scanIn, verdictOf } from '../../../fixtures/scans/scans.ts';

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string): number =>
    [0.2126, 0.7152, 0.0722].reduce((sum, weight, index) => {
      const value = parseInt(colour.slice(1 + index * 2, 3 + index * 2), 16) / 255;
      return sum + weight * (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    }, 0);
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

test('says verdict and score, with the verdict’s shape', () => {
  expect(toolbarViewOf(scanIn(finishedState(verdictOf(0.82))))).toEqual({
    badgeText: '82',
    badgeColour: '#B42318',
    title: 'TrueFrame: Likely manipulated, score 82 of 100',
    mark: { kind: 'shape', shape: 'diamond' },
  });
  expect(toolbarViewOf(scanIn(finishedState(verdictOf(0.5)))).mark).toEqual({
    kind: 'shape',
    shape: 'half-circle',
  });
  expect(toolbarViewOf(scanIn(finishedState(verdictOf(0.08))))).toMatchObject({
    badgeText: '8',
    title: 'TrueFrame: No manipulation found, score 8 of 100',
    mark: { shape: 'circle' },
  });
});

test('shows no number of a stand-in network', () => {
  expect(toolbarViewOf(scanIn(finishedState(verdictOf(0.82), DEMO_MODEL)))).toMatchObject({
    badgeText: 'DEMO',
    title: 'TrueFrame: DEMO: means nothing',
    mark: { shape: 'hatched' },
  });
});

test('marks every refusal with a dash and its reason', () => {
  const reasons: readonly RefusalReason[] = [
    'no-face',
    'face-too-small',
    'face-turned',
    'too-few-frames',
    'unreadable',
    'protected',
    'model-missing',
  ];
  const titles = reasons.map((reason) => {
    const view = toolbarViewOf(scanIn(finishedState(refusalOf(reason), null)));
    expect(view).toMatchObject({ badgeText: '–', mark: { shape: 'dash' } });
    return view.title;
  });
  expect(new Set(titles).size).toBe(reasons.length);
});

test('fills the ring by the real count of frames', () => {
  const view = toolbarViewOf(scanIn({ kind: 'running', framesScanned: 6, framesAsked: 15 }));
  expect(view).toMatchObject({
    badgeText: '',
    title: 'TrueFrame: 6 of 15 frames',
    mark: { kind: 'working', fraction: 0.4 },
  });
});

test('is quiet before the first check and after a cancelled one', () => {
  expect(toolbarViewOf(null)).toMatchObject({ badgeText: '', title: 'TrueFrame', mark: { shape: 'none' } });
  expect(toolbarViewOf(scanIn({ kind: 'cancelled' }))).toMatchObject({ badgeText: '' });
});

test('says why a check could not start', () => {
  expect(toolbarProblem('No video found on this page.')).toMatchObject({
    badgeText: '–',
    title: 'TrueFrame: No video found on this page.',
  });
});

test('has icon colours that are seen on light and dark toolbars', () => {
  for (const colour of Object.values(TOOLBAR_COLOURS)) {
    for (const ground of ['#FFFFFF', '#202124', '#35363A']) {
      expect(contrast(colour, ground), `${colour} on ${ground}`).toBeGreaterThanOrEqual(3);
    }
  }
});

test('has badge colours that white text is read on', () => {
  const states = [0.9, 0.5, 0.1].map((score) => finishedState(verdictOf(score)));
  for (const state of [
    ...states,
    finishedState(refusalOf('no-face')),
    finishedState(verdictOf(0.9), DEMO_MODEL),
  ]) {
    expect(contrast(toolbarViewOf(scanIn(state)).badgeColour, '#FFFFFF')).toBeGreaterThanOrEqual(4.5);
  }
});
