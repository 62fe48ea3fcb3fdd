import type { JudgedFrame } from '../../utils/domain/face-tracks.ts';
import type { ScoreBands } from '../../utils/domain/report.ts';
import { toneColour } from '../report/verdict-mark.tsx';
import { bandOfScore, mediaTimeText, scoreOf100 } from '../report/verdict-words.ts';
import type { Tone } from '../report/verdict-words.ts';
import { t } from '../texts.tsx';

/** Height of a tick for each band. The colour alone is not enough: some people can't tell colours apart. */
const HEIGHTS = { manipulated: '6px', 'not-sure': '4px', 'no-finding': '2px' } as const;

export type FrameTimelineProps = {
  /** In the order of the video's time; at least one. */
  readonly frames: readonly JudgedFrame[];
  readonly bands: ScoreBands;
  readonly isDemo: boolean;
  readonly hasSeveralPeople: boolean;
  /** Index of the frame at which the video is. */
  readonly now: number;
  /** The user, and nothing else, asks for a frame. */
  readonly onSeek: (index: number) => void;
};

/**
 * One tick for each judged frame, along the lower edge of the card. Its height and colour tell the band of the frame's highest
 * score. A click or a key leads the player there.
 */
export function FrameTimeline(props: FrameTimelineProps) {
  const { frames, now, onSeek } = props;

  function onClick(event: MouseEvent & { readonly currentTarget: HTMLElement }): void {
    if (!event.isTrusted) return;
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const index = Math.floor(((event.clientX - left) / width) * frames.length);
    onSeek(Math.max(0, Math.min(index, frames.length - 1)));
  }

  function onKeyDown(event: KeyboardEvent): void {
    const next = frameOfKey(event.key, now, frames.length);
    if (!event.isTrusted || next === null) return;
    event.preventDefault();
    onSeek(next);
  }

  return (
    // Time runs from left to right in every language, as in the players that the user knows.
    <div
      dir="ltr"
      class="timeline"
      role="slider"
      tabIndex={0}
      aria-label={t('badge.timeline')}
      aria-valuemin={1}
      aria-valuemax={frames.length}
      aria-valuenow={now + 1}
      aria-valuetext={wordsOf(frames[now]!, props)}
      onClick={onClick}
      onKeyDown={onKeyDown}
    >
      {frames.map((frame, index) => {
        const { tone, height } = tickOf(frame, props);
        return (
          <span key={index} class={index === now ? 'is-now' : ''} title={wordsOf(frame, props)}>
            <i style={{ height, background: toneColour(tone) }} />
          </span>
        );
      })}
    </div>
  );
}

function wordsOf({ mediaTimeSeconds, score, personId }: JudgedFrame, props: FrameTimelineProps): string {
  const values = { time: mediaTimeText(mediaTimeSeconds), score: scoreOf100(score, props.bands) };
  return props.hasSeveralPeople
    ? t('report.personPoint', { ...values, person: personId })
    : t('report.point', values);
}

function tickOf(
  { score }: JudgedFrame,
  { bands, isDemo }: FrameTimelineProps,
): { readonly tone: Tone; readonly height: string } {
  // The scores of a stand-in network mean nothing, so no tick stands out.
  if (isDemo) return { tone: 'demo', height: '4px' };
  const band = bandOfScore(score, bands);
  return { tone: band, height: HEIGHTS[band] };
}

/** Where a key leads; null for keys that lead nowhere. */
function frameOfKey(key: string, now: number, count: number): number | null {
  switch (key) {
    case 'ArrowRight':
    case 'ArrowUp':
      return Math.min(now + 1, count - 1);
    case 'ArrowLeft':
    case 'ArrowDown':
      return Math.max(now - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}
