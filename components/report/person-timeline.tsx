import type { FaceTrack } from '../../utils/domain/face-tracks.ts';
import type { ScoreBands } from '../../utils/domain/report.ts';
import { bandOfScore } from './verdict-words.ts';
import { CHART, timeScale } from './chart-geometry.ts';

/** Tick heights by band, so that colour alone does not tell them apart. In the chart's own units. */
const HEIGHTS = { manipulated: 14, 'not-sure': 9, 'no-finding': 5 } as const;

type PersonTimelineProps = {
  readonly track: FaceTrack;
  /** Of all people, so that their timelines lie under each other and under the chart. */
  readonly seconds: readonly number[];
  readonly bands: ScoreBands;
};

/** When one person was judged, a tick for each frame. For the eye alone: the words beside it and the table tell the same. */
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
