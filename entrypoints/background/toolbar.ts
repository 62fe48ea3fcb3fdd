import { browser } from 'wxt/browser';
import type { Scan } from '../../utils/domain/scan.ts';
import { isDemoState } from '../../components/scan-progress.ts';
import { scoreOf100, shownScore, TONE_COLOURS, wordsOfState } from '../../components/report/verdict-words.ts';
import { formatNumber, t } from '../../components/texts.tsx';
import type { MarkShape } from '../../components/report/verdict-words.ts';

/** The sides of the icon at one and at two pixels a point. */
const ICON_SIDES_PIXELS = [16, 32] as const;

/** Shows a tab's latest scan on its toolbar button; null for a tab that has none. */
export async function showScan(tabId: number, scan: Scan | null): Promise<void> {
  await show(tabId, toolbarViewOf(scan));
}

/** Says on the toolbar button why a check could not start: there may be no page on which to say it. */
export async function showProblem(tabId: number, message: string): Promise<void> {
  await show(tabId, toolbarProblem(message));
}

async function show(tabId: number, { badgeText, badgeColour, title, mark }: ToolbarView): Promise<void> {
  try {
    const imageData = Object.fromEntries(
      ICON_SIDES_PIXELS.map((side) => [side, drawToolbarIcon(mark, side)]),
    );
    await Promise.all([
      browser.action.setIcon({ tabId, imageData }),
      browser.action.setTitle({ tabId, title }),
      browser.action.setBadgeText({ tabId, text: badgeText }),
      browser.action.setBadgeBackgroundColor({ tabId, color: badgeColour }),
      browser.action.setBadgeTextColor({ tabId, color: '#FFFFFF' }),
    ]);
  } catch (error) {
    // The tab was closed between two calls. Any other error is a bug and must be reported.
    if (!(error instanceof Error && error.message.includes('No tab with id'))) throw error;
  }
}

/** The toolbar button of one tab. */
export type ToolbarView = {
  /** At most four characters, for which a badge has room; empty for no badge. */
  readonly badgeText: string;
  /** The background under white text. */
  readonly badgeColour: string;
  /** Read by screen readers and shown on hover: the verdict in words. */
  readonly title: string;
  readonly mark: ToolbarMark;
};

const NO_SHAPE: ToolbarMark = { kind: 'shape', shape: 'none' };

/** The button for a tab's latest scan; null for a tab that has none. */
export function toolbarViewOf(scan: Scan | null): ToolbarView {
  if (scan === null) {
    return { ...toolbarProblem(''), badgeText: '', title: t('extension.name'), mark: NO_SHAPE };
  }
  const { state } = scan;
  const { shape, tone, title } = wordsOfState(state);
  const view: ToolbarView = {
    badgeText: '',
    badgeColour: TONE_COLOURS[tone].light,
    title: t('toolbar.title', { title }),
    mark: { kind: 'shape', shape },
  };
  switch (state.kind) {
    case 'waiting':
    case 'loading-model':
      return view;
    case 'running': {
      const fraction = Math.min(1, state.framesScanned / Math.max(1, state.framesAsked));
      return { ...view, mark: { kind: 'working', fraction } };
    }
    case 'cancelled':
      return { ...view, mark: NO_SHAPE };
    case 'failed':
      return { ...view, badgeText: '–' };
    case 'finished': {
      // The user would take a stand-in's number for a score.
      if (isDemoState(state)) return { ...view, badgeText: t('demo.mark') };
      const shown = shownScore(state.report);
      if (shown === null) return { ...view, badgeText: '–' };
      const score = scoreOf100(shown, state.report.bands);
      return {
        ...view,
        badgeText: formatNumber(score),
        title: t('toolbar.titleWithScore', { title, score }),
      };
    }
  }
}

/** The button for a scan that could not start. */
export function toolbarProblem(message: string): ToolbarView {
  return {
    badgeText: '–',
    badgeColour: TONE_COLOURS.neutral.light,
    title: t('toolbar.title', { title: message }),
    mark: { kind: 'shape', shape: 'dash' },
  };
}

/** The shape in the mark's viewfinder. */
export type ToolbarMark =
  /** `fraction`, 0 to 1: the examined share of the frames that were asked for. */
  | { readonly kind: 'working'; readonly fraction: number }
  | { readonly kind: 'shape'; readonly shape: MarkShape };

/**
 * A toolbar may be light or dark, and a service worker can't tell which. Each colour has a contrast of at least 3 to 1
 * (WCAG 2.2, 1.4.11) on white and on Chrome's dark toolbars (#202124, #35363A).
 */
export const TOOLBAR_COLOURS: Readonly<Record<MarkShape, string>> = {
  none: '#3B7DED',
  dot: '#3B7DED',
  diamond: '#E5544A',
  'half-circle': '#B87400',
  circle: '#2A965B',
  dash: '#7D8590',
  hatched: '#8C6CE8',
};

/** The grid of public/icon/mark.svg. */
const GRID_SIDE = 16;
const BRACKETS = 'M2 5V2h3M11 2h3v3M14 11v3h-3M5 14H2v-3';

/** Draws the mark of public/icon/mark.svg with another shape in the middle. */
function drawToolbarIcon(mark: ToolbarMark, sidePixels: number): ImageData {
  const canvas = new OffscreenCanvas(sidePixels, sidePixels);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no 2D canvas in this service worker');
  context.scale(sidePixels / GRID_SIDE, sidePixels / GRID_SIDE);
  context.lineWidth = 2;
  context.strokeStyle = TOOLBAR_COLOURS.none;
  context.stroke(new Path2D(BRACKETS));
  drawMiddle(context, mark);
  return context.getImageData(0, 0, sidePixels, sidePixels);
}

function drawMiddle(context: OffscreenCanvasRenderingContext2D, mark: ToolbarMark): void {
  switch (mark.kind) {
    case 'working':
      // The ring fills clockwise from the top.
      context.globalAlpha = 0.35;
      context.stroke(arc(3.5, 1));
      context.globalAlpha = 1;
      context.stroke(arc(3.5, mark.fraction));
      return;
    case 'shape':
      drawShape(context, mark.shape);
  }
}

function drawShape(context: OffscreenCanvasRenderingContext2D, shape: MarkShape): void {
  context.strokeStyle = TOOLBAR_COLOURS[shape];
  context.fillStyle = TOOLBAR_COLOURS[shape];
  switch (shape) {
    case 'none':
      return;
    case 'dot':
      context.fill(arc(3, 1));
      return;
    case 'diamond':
      context.fill(new Path2D('M8 3.5L12.5 8L8 12.5L3.5 8Z'));
      return;
    case 'half-circle':
      context.lineWidth = 1.5;
      context.stroke(arc(3.25, 1));
      context.fill(new Path2D('M8 4.75a3.25 3.25 0 0 0 0 6.5Z'));
      return;
    case 'circle':
      context.stroke(arc(3, 1));
      return;
    case 'dash':
      context.stroke(new Path2D('M4.5 8h7'));
      return;
    case 'hatched':
      context.clip(arc(4, 1));
      context.lineWidth = 1.25;
      context.stroke(new Path2D('M2 10L10 2M4 12L12 4M6 14L14 6'));
  }
}

function arc(radius: number, fraction: number): Path2D {
  const path = new Path2D();
  path.arc(GRID_SIDE / 2, GRID_SIDE / 2, radius, -Math.PI / 2, (fraction * 2 - 0.5) * Math.PI);
  return path;
}
