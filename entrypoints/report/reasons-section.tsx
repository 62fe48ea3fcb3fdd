import { useState } from 'preact/hooks';
import { FacePicture } from '../../components/badge/evidence-strip.tsx';
import { PersonTimeline } from '../../components/report/person-timeline.tsx';
import { VerdictMark } from '../../components/report/verdict-mark.tsx';
import {
  isDemoReport,
  markOfPerson,
  mediaTimeText,
  scoreOf100,
} from '../../components/report/verdict-words.ts';
import { hidden, quiet, t, tRich } from '../../components/texts.tsx';
import { mostTelling, tracksOf } from '../../utils/domain/face-tracks.ts';
import type { FaceTrack } from '../../utils/domain/face-tracks.ts';
import type { FrameScore, ScanReport } from '../../utils/domain/report.ts';
import { MAX_EVIDENCE_FACES } from '../../utils/domain/scan.ts';
import { SaveFacesButton } from './crops-section.tsx';
import { FramePanel } from './frame-panel.tsx';
import type { Crop, LoadedScan } from './load-report.ts';

/** A judged face, and its crop where the host still has it. */
type Face = { readonly score: FrameScore; readonly crop: Crop | null };
/** The chosen radio button: its row and the face in it. */
type Chosen = { readonly row: string; readonly faceId: string };

/** The frames that decided the score, and every person's frames in the order of time. */
export function ReasonsSection({ loaded }: { readonly loaded: LoadedScan }) {
  const { crops, report } = loaded;
  const { frameScores, verdict } = report;
  const cropOf = new Map(crops?.map((crop) => [idOf(crop), crop]));
  const faceOf = (score: FrameScore): Face => ({ score, crop: cropOf.get(idOf(score)) ?? null });
  const telling =
    verdict.kind === 'refused'
      ? []
      : mostTelling(
          frameScores.filter(({ personId }) => personId === verdict.decidingPersonId),
          verdict.kind,
          MAX_EVIDENCE_FACES,
        ).map(faceOf);
  const [chosen, setChosen] = useState<Chosen | null>(
    telling[0] === undefined ? null : { row: 'telling', faceId: idOf(telling[0].score) },
  );
  if (frameScores.length === 0) return null;
  const row = (name: string, label: string, faces: readonly Face[]) => (
    <FaceRow {...{ name, label, faces, report, chosen }} onChoose={setChosen} />
  );
  return (
    <section class="stack" aria-labelledby="reasons">
      <div class="bar">
        <h2 id="reasons">{t('report.reasons.title')}</h2>
        {crops === null || crops.length === 0 ? null : <SaveFacesButton loaded={loaded} crops={crops} />}
      </div>
      {crops === null ? <p class="quiet">{t('report.facesGone')}</p> : null}
      {telling.length === 0 ? null : (
        <>
          <p class="quiet">{t('report.reasons.telling', { all: frameScores.length })}</p>
          {row('telling', t('report.reasons.title'), telling)}
        </>
      )}
      {crops !== null && crops.length > 0 && crops.length < frameScores.length ? (
        <p class="quiet">{t('report.firstFaces', { shown: crops.length, all: frameScores.length })}</p>
      ) : null}
      {tracksOf(frameScores).map((track) => (
        <div key={track.personId} class="stack">
          <PersonHead track={track} report={report} />
          {row(
            `person-${String(track.personId)}`,
            t('report.person', { person: track.personId }),
            track.frames.map(faceOf).filter(({ crop }) => crop !== null),
          )}
        </div>
      ))}
    </section>
  );
}

function PersonHead({ track, report }: { readonly track: FaceTrack; readonly report: ScanReport }) {
  const { bands, frameScores, verdict } = report;
  const { personId, frames } = track;
  const person =
    verdict.kind === 'refused' ? undefined : verdict.people.find((each) => each.personId === personId);
  const { shape, tone } = markOfPerson(person?.kind ?? 'refused', report);
  const from = mediaTimeText(frames[0]!.mediaTimeSeconds);
  const to = mediaTimeText(frames.at(-1)!.mediaTimeSeconds);
  return (
    <>
      <div class="bar person-head">
        <VerdictMark shape={shape} tone={tone} sizePixels={20} />
        <h3>{t('report.person', { person: personId })}</h3>
        <span class="small quiet number">
          {t('report.reasons.span', frames.length, { frames: frames.length, from, to })}
        </span>
      </div>
      {isDemoReport(report) ? null : (
        <PersonTimeline
          track={track}
          seconds={frameScores.map(({ mediaTimeSeconds }) => mediaTimeSeconds)}
          bands={bands}
        />
      )}
    </>
  );
}

type FaceRowProps = {
  readonly name: string;
  readonly label: string;
  readonly faces: readonly Face[];
  readonly report: ScanReport;
  readonly chosen: Chosen | null;
  readonly onChoose: (chosen: Chosen) => void;
};

/** A filmstrip of radio buttons, with the chosen face below its own row. */
function FaceRow({ name, label, faces, report, chosen, onChoose }: FaceRowProps) {
  if (faces.length === 0) return null;
  const open = chosen?.row === name ? faces.find(({ score }) => idOf(score) === chosen.faceId) : undefined;
  return (
    <>
      <div class="crops" role="group" aria-label={label}>
        {faces.map((face) => {
          const faceId = idOf(face.score);
          return (
            <label key={faceId} class="crop">
              <input
                type="radio"
                class="hidden-text"
                name="face"
                checked={face === open}
                onChange={() => onChoose({ row: name, faceId })}
              />
              <FaceTile {...face} report={report} />
            </label>
          );
        })}
      </div>
      {open === undefined ? null : (
        <FramePanel key={idOf(open.score)} face={open.score} crop={open.crop} report={report} />
      )}
    </>
  );
}

function FaceTile({ score: face, crop, report }: Face & { readonly report: ScanReport }) {
  const score = scoreOf100(face.score, report.bands);
  return (
    <span class="crop-tile">
      {crop === null ? (
        <span class="crop-gone" aria-hidden="true" />
      ) : (
        <FacePicture picture={crop.picture} label={t('report.face', { person: face.personId })} />
      )}
      <span class="score-bar" aria-hidden="true">
        <span style={{ width: `${score}%` }} />
      </span>
      <span class="small number">
        {tRich('score.rowAt', { hidden, score, quiet, time: mediaTimeText(face.mediaTimeSeconds) })}
      </span>
    </span>
  );
}

/** A person has one face in a frame. */
function idOf({ personId, frameIndex }: Pick<FrameScore, 'personId' | 'frameIndex'>): string {
  return `${String(personId)}-${String(frameIndex)}`;
}
