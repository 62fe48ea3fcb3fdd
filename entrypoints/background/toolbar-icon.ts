import type { MarkShape } from '../../components/report/verdict-words.ts';

/** What the mark's viewfinder frames. */
export type ToolbarMark =
  /** `fraction`, 0 to 1: frames looked at of those asked for. */
  | { readonly kind: 'working'; readonly fraction: number }
  | { readonly kind: 'shape'; readonly shape: MarkShape };

/**
 * A toolbar may be light or dark, and a service worker can't ask which. Each colour has a contrast of at least 3 to 1
 * (WCAG 2.2, 1.4.11) on white as on Chrome's dark toolbars (#202124, #35363A).
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

/** Draws the mark as public/icon/mark.svg has it, with another middle. */
export function drawToolbarIcon(mark: ToolbarMark, sidePixels: number): ImageData {
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
