import { FacePicture } from '../../components/badge/evidence-strip.tsx';
import { Facts } from '../../components/facts.tsx';
import type { Fact } from '../../components/facts.tsx';
import { OcclusionPicture } from '../../components/report/occlusion-picture.tsx';
import { mediaTimeText, scoreOf100 } from '../../components/report/verdict-words.ts';
import { t } from '../../components/texts.tsx';
import { useKeptFocus } from '../../components/use-kept-focus.ts';
import type { OcclusionState } from '../../utils/domain/occlusion.ts';
import type { FrameScore, ScanReport } from '../../utils/domain/report.ts';
import type { Crop } from './load-report.ts';
import { useOcclusion } from './use-occlusion.ts';

type FramePanelProps = {
  readonly face: FrameScore;
  /** null once the host has dropped the crop. */
  readonly crop: Crop | null;
  readonly report: ScanReport;
};

/** One judged face: its time, the score of each network, and on request a map of the parts that change the score. */
export function FramePanel({ face, crop, report }: FramePanelProps) {
  const { bands } = report;
  const of100 = (score: number): string => t('report.reasons.of100', { score: scoreOf100(score, bands) });
  const networks = Object.entries(face.networkScores);
  const facts: Fact[] = [
    [t('report.column.time'), mediaTimeText(face.mediaTimeSeconds), 'number'],
    [
      networks.length > 1 ? t('report.reasons.wholeScore') : t('report.column.score'),
      of100(face.score),
      'number',
    ],
  ];
  if (networks.length > 1) {
    for (const [network, score] of networks) {
      // The id of a network is its name in small letters.
      const name = network.toUpperCase();
      facts.push([t('report.reasons.networkScore', { network: name }), of100(score), 'number']);
    }
  }
  return (
    <div class="frame-panel card stack">
      <div class="frame-facts">
        {crop === null ? null : (
          <FacePicture
            picture={crop.picture}
            label={t('report.face', { person: face.personId })}
            sidePixels={112}
          />
        )}
        <div class="stack">
          <h3>{t('report.reasons.frame', { frame: face.frameIndex + 1, person: face.personId })}</h3>
          <Facts facts={facts} />
        </div>
      </div>
      {crop === null ? (
        <p class="small quiet">{t('report.occlusion.gone')}</p>
      ) : (
        <Occlusion picture={crop.picture} report={report} />
      )}
    </div>
  );
}

function Occlusion({ picture, report }: { readonly picture: ImageData; readonly report: ScanReport }) {
  const { state, start, cancel } = useOcclusion();
  const place = useKeptFocus<HTMLDivElement>();
  const modelId = report.used.model?.modelId ?? '';
  return (
    <div ref={place} tabIndex={-1} class="stack">
      <OcclusionSteps
        state={state}
        picture={picture}
        onStart={() => start({ picture, modelId })}
        onCancel={cancel}
      />
    </div>
  );
}

type OcclusionStepsProps = {
  readonly state: OcclusionState | null;
  readonly picture: ImageData;
  readonly onStart: () => void;
  readonly onCancel: () => void;
};

function OcclusionSteps({ state, picture, onStart, onCancel }: OcclusionStepsProps) {
  switch (state?.kind) {
    case undefined:
      return (
        <>
          <p>
            <button type="button" onClick={onStart}>
              {t('report.occlusion.start')}
            </button>
          </p>
          <p class="small quiet">{t('report.occlusion.hint')}</p>
        </>
      );
    case 'working':
      return (
        <div class="bar">
          <progress
            {...(state.all > 0 && { value: state.done, max: state.all })}
            aria-label={t('report.occlusion.start')}
          />
          <span class="small number">
            {state.all === 0
              ? t('scan.loadingModel.title')
              : t('report.occlusion.working', { done: state.done, all: state.all })}
          </span>
          <button type="button" class="push" onClick={onCancel}>
            {t('action.cancel')}
          </button>
        </div>
      );
    case 'finished':
      return <OcclusionPicture map={state.map} picture={picture} />;
    case 'failed': {
      const isMissing = state.code === 'model-missing';
      return (
        <div class="bar">
          <p role="alert">{t(isMissing ? 'report.occlusion.modelMissing' : 'report.occlusion.failed')}</p>
          {isMissing ? null : (
            <button type="button" onClick={onStart}>
              {t('report.occlusion.again')}
            </button>
          )}
        </div>
      );
    }
  }
}
