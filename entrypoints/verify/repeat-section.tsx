import { useEffect, useState } from 'preact/hooks';
import { deviceName, modelName } from '../../components/install/model-label.ts';
import { scoreOf100 } from '../../components/report/verdict-words.ts';
import { formatNumber, t } from '../../components/texts.tsx';
import type { CheckedBundle } from '../../models/evidence/check-bundle.ts';
import { toImageData } from '../../models/image/raster-image.ts';
import { ask } from '../../utils/browser/messages.ts';
import { isDetectorError } from '../../utils/domain/errors.ts';
import type { ExportedReport } from '../../utils/domain/exported-report.ts';
import { MAX_DIFFERENCE_BETWEEN_DEVICES } from '../../utils/domain/repeat.ts';
import type { RepeatedScan } from '../../utils/domain/repeat.ts';

type RepeatProps = { readonly exported: ExportedReport; readonly crops: CheckedBundle['crops'] };
type State = 'idle' | 'running' | 'failed' | RepeatedScan;

/** Runs the bundle's faces through the installed networks once more, when the user asks for it. */
export function RepeatSection({ exported, crops }: RepeatProps) {
  const [state, setState] = useState<State>('idle');
  // The user has opened another bundle.
  useEffect(() => setState('idle'), [crops]);
  const { report } = exported;
  const run = async (): Promise<void> => {
    setState('running');
    try {
      setState(await repeat({ exported, crops }));
    } catch (error) {
      if (!isDetectorError(error)) reportError(error);
      setState('failed');
    }
  };
  return (
    <section class="stack" aria-labelledby="repeat">
      <h2 id="repeat">{t('verify.repeat.title')}</h2>
      {crops.length === 0 ? (
        <p>{t('verify.repeat.noFaces')}</p>
      ) : (
        <>
          <p>
            {crops.length === report.frameScores.length
              ? t('verify.repeat.allFaces')
              : t('verify.repeat.someFaces', { kept: crops.length, all: report.frameScores.length })}
          </p>
          <div>
            <button type="button" class="primary" disabled={state === 'running'} onClick={() => void run()}>
              {t('verify.repeat.run')}
            </button>
          </div>
          <div role="status" class="stack">
            {state === 'idle' ? null : <Outcome state={state} exported={exported} />}
          </div>
        </>
      )}
    </section>
  );
}

async function repeat({ exported, crops }: RepeatProps): Promise<RepeatedScan> {
  await ask('background', 'openHost', null);
  const pictures = crops.map(({ faceIndex, picture }) => ({
    index: faceIndex,
    picture: toImageData(picture),
  }));
  return await ask('host', 'repeatScan', { report: exported.report, pictures });
}

function Outcome({
  state,
  exported: { report },
}: {
  readonly state: Exclude<State, 'idle'>;
  readonly exported: ExportedReport;
}) {
  if (state === 'running') return <p>{t('verify.repeat.running')}</p>;
  if (state === 'failed') return <p>{t('verify.repeat.failed')}</p>;
  switch (state.kind) {
    case 'model-missing':
      return (
        <p>
          {t('verify.repeat.modelMissing')}{' '}
          <a href="/options.html" target="_blank">
            {t('action.addNetwork')}
          </a>
        </p>
      );
    case 'other-input':
      return <p>{t('verify.repeat.otherInput', { side: state.sidePixels })}</p>;
    case 'repeated': {
      const { verdict, bands, used } = report;
      const { model, score, isSameModel } = state;
      const devices =
        used.model === null
          ? null
          : t('verify.repeat.devices', {
              there: deviceName(used.model.device),
              here: deviceName(model.device),
            });
      return (
        <>
          <p class={agreementOf(state) === 'different' ? 'tone-not-sure outcome' : 'outcome'}>
            {agreementText(state)}
          </p>
          {isSameModel || used.model === null ? null : (
            <p>{t('verify.repeat.otherModel', { here: modelName(model), there: modelName(used.model) })}</p>
          )}
          {score === null || verdict.kind === 'refused' ? null : (
            <p>
              {t('verify.repeat.videoScore', {
                there: scoreOf100(verdict.score, bands),
                here: scoreOf100(score, bands),
              })}
            </p>
          )}
          <p class="quiet small">{devices}</p>
        </>
      );
    }
  }
}

type Repeated = Extract<RepeatedScan, { readonly kind: 'repeated' }>;

function agreementOf({ largestDifference }: Repeated): 'equal' | 'close' | 'different' {
  if (largestDifference === 0) return 'equal';
  return largestDifference <= MAX_DIFFERENCE_BETWEEN_DEVICES ? 'close' : 'different';
}

function agreementText(repeated: Repeated): string {
  const faces = repeated.faces.length;
  // The difference in points of 100, as the pages show scores.
  const points = 100 * repeated.largestDifference;
  switch (agreementOf(repeated)) {
    case 'equal':
      return t('verify.repeat.equal', faces, { faces });
    case 'close':
      return t('verify.repeat.close', faces, { faces, difference: formatNumber(points, 4) });
    case 'different':
      return t('verify.repeat.different', faces, { faces, difference: formatNumber(points, 1) });
  }
}
