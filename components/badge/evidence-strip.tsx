import type { EvidenceFace } from '../../utils/domain/scan.ts';
import type { Tone } from '../report/verdict-words.ts';
import { mediaTimeText, scoreOf100 } from '../report/verdict-words.ts';
import { toneColour } from '../report/verdict-mark.tsx';
import { t } from '../texts.tsx';

type EvidenceStripProps = {
  /** Most telling first; the first six are shown. */
  readonly faces: readonly EvidenceFace[];
  /** Of the verdict that they led to. */
  readonly tone: Tone;
};

/** The faces that were judged, each with its frame's score as a bar and as a number. */
export function EvidenceStrip({ faces, tone }: EvidenceStripProps) {
  const colour = toneColour(tone, 'dark');
  return (
    <ul class="strip" aria-label={t('badge.faces')}>
      {faces.slice(0, 6).map((face) => (
        <li key={`${face.personId}-${face.frameIndex}`} title={t('score.at', placeOf(face))}>
          <canvas
            ref={(canvas) => draw(canvas, face.picture)}
            role="img"
            aria-label={t('badge.face', placeOf(face))}
          />
          <span class="bar" aria-hidden="true">
            <span style={{ width: `${scoreOf100(face.score)}%`, background: colour }} />
          </span>
          <span class="value numbers" aria-hidden="true" data-text={scoreOf100(face.score)} />
        </li>
      ))}
    </ul>
  );
}

function placeOf({ mediaTimeSeconds, score }: EvidenceFace): {
  readonly time: string;
  readonly score: number;
} {
  return { time: mediaTimeText(mediaTimeSeconds), score: scoreOf100(score) };
}

function draw(canvas: HTMLCanvasElement | null, picture: ImageData): void {
  if (!canvas) return;
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext('2d')?.putImageData(picture, 0, 0);
}
