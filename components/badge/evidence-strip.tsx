import type { EvidenceFace } from '../../utils/domain/scan.ts';
import type { Tone } from '../report/verdict-words.ts';
import { mediaTimeText, scoreOf100, scoreText } from '../report/verdict-words.ts';
import { toneColour } from '../report/verdict-mark.tsx';

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
    <ul class="strip" aria-label="Faces, most telling first">
      {faces.slice(0, 6).map((face) => (
        <li
          key={`${face.personId}-${face.frameIndex}`}
          title={`At ${mediaTimeText(face.mediaTimeSeconds)}, ${scoreText(face.score)}`}
        >
          <canvas
            ref={(canvas) => draw(canvas, face.picture)}
            role="img"
            aria-label={`Face at ${mediaTimeText(face.mediaTimeSeconds)}, ${scoreText(face.score)}`}
          />
          <span class="bar" aria-hidden="true">
            <span style={{ width: `${scoreOf100(face.score)}%`, background: colour }} />
          </span>
          <span class="value numbers" aria-hidden="true">
            {scoreOf100(face.score)}
          </span>
        </li>
      ))}
    </ul>
  );
}

function draw(canvas: HTMLCanvasElement | null, picture: ImageData): void {
  if (!canvas) return;
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext('2d')?.putImageData(picture, 0, 0);
}
