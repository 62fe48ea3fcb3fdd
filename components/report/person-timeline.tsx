import type { FaceTrack } from '../../utils/domain/face-tracks.ts';
import type { ScoreBands } from '../../utils/domain/report.ts';
import { bandOfScore } from './verdict-words.ts';
import { CHART, timeScale } from './chart-geometry.ts';

/** Tick heights by band, so that colour alone does not tell them apart. In the chart's own units. */
const HEIGHTS = { manipulated: 14, 'not-sure': 9, 'no-finding': 5 } as const;

type PersonTimelineProps = {
  readonly track: FaceTrack;
  /** The times of all people's frames, so that the timelines lie in line with each other and with the chart. */
  readonly seconds: readonly number[];
  readonly bands: ScoreBands;
};

/**
 * A tick for each frame in which one person was judged. Hidden from screen readers: the words beside it and the table
 * say the same.
 */
export function PersonTimeline({ track, seconds, bands }: PersonTimelineProps) {
  const xOf = timeScale(seconds);
  const right = CHART.width - CHART.right;
  return (
    <svg
      class="person-timeline"
      direction="ltr"
      viewBox={`0 0 ${String(CHART.width)} 16`}
      aria-hidden="true"
      focusable="false"
    >
      <path class="chart-rule" d={`M${CHART.left} 15.5H${right}`} />
      {track.frames.map(({ frameIndex, mediaTimeSeconds, score }) => {
        const band = bandOfScore(score, bands);
        return (
          <rect
            key={frameIndex}
            x={xOf(mediaTimeSeconds) - 1.5}
            y={15 - HEIGHTS[band]}
            width="3"
            height={HEIGHTS[band]}
            fill={`var(--${band})`}
          />
        );
      })}
    </svg>
  );
}
