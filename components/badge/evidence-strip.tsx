import type { ScoreBands } from '../../utils/domain/report.ts';
import { MAX_EVIDENCE_FACES } from '../../utils/domain/scan.ts';
import type { EvidenceFace } from '../../utils/domain/scan.ts';
import type { Tone } from '../report/verdict-words.ts';
import { mediaTimeText, scoreOf100 } from '../report/verdict-words.ts';
import { toneColour } from '../report/verdict-mark.tsx';
import { t } from '../texts.tsx';

type EvidenceStripProps = {
  /** Most telling first; the strip shows the first {@link MAX_EVIDENCE_FACES}. */
  readonly faces: readonly EvidenceFace[];
  /** Tone of the verdict that the faces led to. */
  readonly tone: Tone;
  /** Bands of the detector that judged. */
  readonly bands: ScoreBands;
};

/** The faces that were judged, each with its frame's score as a bar and as a number. */
export function EvidenceStrip({ faces, tone, bands }: EvidenceStripProps) {
  const background = toneColour(tone);
  const shown = faces.slice(0, MAX_EVIDENCE_FACES).map((face) => {
    const score = scoreOf100(face.score, bands);
    return { ...face, score, place: { time: mediaTimeText(face.mediaTimeSeconds), score } };
  });
  return (
    <ul class="strip" aria-label={t('badge.faces')}>
      {shown.map(({ personId, frameIndex, picture, score, place }) => (
        <li key={`${personId}-${frameIndex}`} title={t('score.at', place)}>
          <FacePicture picture={picture} label={t('badge.face', place)} />
          <span class="bar" aria-hidden="true">
            <span style={{ width: `${score}%`, background }} />
          </span>
          <span class="value numbers" aria-hidden="true" data-text={score} />
        </li>
      ))}
    </ul>
  );
}

/**
 * A face's pixels as the host gave them.
 * @param sidePixels side in the page, in CSS pixels; left out, a style sheet decides
 */
export function FacePicture(props: {
  readonly picture: ImageData;
  readonly label: string;
  readonly sidePixels?: number;
}) {
  const { picture, label, sidePixels } = props;
  return (
    <canvas
      ref={(canvas) => canvas?.getContext('2d')?.putImageData(picture, 0, 0)}
      width={picture.width}
      height={picture.height}
      {...(sidePixels !== undefined && { style: { width: `${sidePixels}px`, height: `${sidePixels}px` } })}
      role="img"
      aria-label={label}
    />
  );
}
