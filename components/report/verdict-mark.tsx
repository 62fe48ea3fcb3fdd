import { TONE_COLOURS } from './verdict-words.ts';
import type { MarkShape, Tone } from './verdict-words.ts';

type VerdictMarkProps = {
  readonly shape: MarkShape;
  readonly tone: Tone;
  /** 0 to 1: draws the filling ring instead of the shape. */
  readonly progress?: number | null;
  /** Side in CSS pixels. Default: 16. */
  readonly sizePixels?: number;
};

/**
 * TrueFrame's viewfinder with a verdict's shape in it. Brackets have the text's colour, the shape its tone's.
 * Decoration for screen readers: the words stand beside it always.
 */
export function VerdictMark({ shape, tone, progress = null, sizePixels = 16 }: VerdictMarkProps) {
  return (
    <svg
      viewBox="0 0 16 16"
      width={sizePixels}
      height={sizePixels}
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      aria-hidden="true"
      focusable="false"
    >
      <path d="M1 4.5V1h3.5M11.5 1H15v3.5M15 11.5V15h-3.5M4.5 15H1v-3.5" />
      {progress === null ? <Shape shape={shape} colour={toneColour(tone)} /> : <Ring progress={progress} />}
    </svg>
  );
}

/** A tone as a CSS colour that follows `color-scheme`, which is dark in the overlay on every page. */
export function toneColour(tone: Tone): string {
  const { light, dark } = TONE_COLOURS[tone];
  return `light-dark(${light}, ${dark})`;
}

/** A verdict's shape alone, within (3, 3) and (13, 13) of a drawing of 16 a side. */
export function Shape({ shape, colour }: { readonly shape: MarkShape; readonly colour: string }) {
  switch (shape) {
    case 'none':
      return null;
    case 'dot':
      return <circle cx="8" cy="8" r="2.5" fill="currentColor" stroke="none" />;
    case 'diamond':
      return <path d="M8 3.6 12.4 8 8 12.4 3.6 8Z" fill={colour} stroke="none" />;
    case 'half-circle':
      return (
        <>
          <circle cx="8" cy="8" r="3.4" stroke={colour} />
          <path d="M8 4.6a3.4 3.4 0 0 0 0 6.8Z" fill={colour} stroke="none" />
        </>
      );
    case 'circle':
      return <circle cx="8" cy="8" r="3.4" stroke={colour} stroke-width="1.75" />;
    case 'dash':
      return <path d="M4.6 8h6.8" stroke={colour} stroke-width="2" />;
    case 'hatched':
      return <path d="M4 8l4-4M4 12l8-8M8 12l4-4" stroke={colour} stroke-width="1.4" />;
  }
}

/** The dot that travels as the ring fills, clockwise from the top. */
function Ring({ progress }: { readonly progress: number }) {
  const share = Math.min(1, Math.max(0, progress));
  const angle = 2 * Math.PI * share;
  const radius = 4;
  return (
    <>
      <circle cx="8" cy="8" r={radius} stroke-opacity="0.3" />
      <circle
        cx="8"
        cy="8"
        r={radius}
        pathLength="1"
        stroke-dasharray={`${share} 1`}
        transform="rotate(-90 8 8)"
      />
      <circle
        cx={8 + radius * Math.sin(angle)}
        cy={8 - radius * Math.cos(angle)}
        r="1.9"
        fill="currentColor"
        stroke="none"
      />
    </>
  );
}
