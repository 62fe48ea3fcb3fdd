import { formatTimeLeft, formatTook } from '../../components/format.ts';
import { VerdictMark } from '../../components/report/verdict-mark.tsx';
import { framesText, isDemoReport, wordsOfState } from '../../components/report/verdict-words.ts';
import { formatNumber, t } from '../../components/texts.tsx';
import { useKeptFocus } from '../../components/use-kept-focus.ts';
import { countRun, secondsLeft, stateOf } from '../../models/evaluation/evaluation-run.ts';
import type { RunState, VideoState } from '../../models/evaluation/evaluation-run.ts';
import { predictionOf } from '../../models/evaluation/result-files.ts';
import type { PlannedVideo, TrueLabel } from '../../utils/domain/evaluation.ts';
import type { ScanFailureCode, ScanState } from '../../utils/domain/scan.ts';
import type { Sitting } from './run-store.ts';

type RunStepProps = {
  readonly run: RunState;
  readonly sitting: Sitting;
  readonly onPause: () => void;
  readonly onContinue: () => void;
  readonly onCancel: () => void;
};

/** The second step: progress, and the table that fills. */
export function RunStep({ run, sitting, onPause, onContinue, onCancel }: RunStepProps) {
  const place = useKeptFocus<HTMLDivElement>();
  const isRunning = run.status === 'running';
  const counts = countRun(run);
  const ended = counts.done + counts.failed;
  const left = isRunning ? secondsLeft(counts, sitting) : null;
  const sentences = [
    t('evaluate.run.counts', { done: ended, all: counts.all }),
    ...(counts.failed === 0 ? [] : [t('evaluate.run.failures', counts.failed, { count: counts.failed })]),
    ...(left === null ? [] : [formatTimeLeft(left)]),
  ];
  return (
    <>
      <progress max={counts.all} value={ended} aria-label={t('evaluate.run.title')} />
      <p class="bar number">
        {sentences.map((sentence) => (
          <span key={sentence}>{sentence}</span>
        ))}
      </p>
      {run.status === 'paused' && counts.running > 0 ? <p>{t('evaluate.run.pausing')}</p> : null}
      {run.status === 'cancelled' ? <p role="status">{t('evaluate.run.cancelled')}</p> : null}
      <div class="bar" ref={place} tabIndex={-1}>
        {run.status === 'finished' ? null : (
          // One button, so that the keyboard's focus stays on it.
          <button type="button" class={isRunning ? '' : 'primary'} onClick={isRunning ? onPause : onContinue}>
            {t(isRunning ? 'evaluate.run.pause' : 'evaluate.run.continue')}
          </button>
        )}
        {isRunning ? (
          <button type="button" onClick={onCancel}>
            {t('action.cancel')}
          </button>
        ) : null}
      </div>
      <VideoTable run={run} />
    </>
  );
}

/** More rows make the page slow: a data set has thousands. */
const MAX_ROWS = 300;

function VideoTable({ run }: { readonly run: RunState }) {
  const begun = run.videos.filter(({ path }) => stateOf(run, path).kind !== 'pending');
  const shown = begun.slice(-MAX_ROWS);
  return (
    <>
      {shown.length === begun.length ? null : (
        <p class="small quiet">{t('evaluate.run.hidden', { count: shown.length, all: begun.length })}</p>
      )}
      <div class="videos" tabIndex={0} role="group" aria-label={t('evaluate.run.title')}>
        <table class="small">
          <thead>
            <tr>
              <th scope="col">{t('evaluate.run.name')}</th>
              <th scope="col">{t('evaluate.run.trueLabel')}</th>
              <th scope="col" class="number">
                {t('evaluate.run.score')}
              </th>
              <th scope="col">{t('evaluate.run.verdict')}</th>
              <th scope="col" class="number">
                {t('evaluate.run.frames')}
              </th>
              <th scope="col" class="number">
                {t('evaluate.run.time')}
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((video) => (
              <VideoRow key={video.path} video={video} state={stateOf(run, video.path)} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function VideoRow({ video, state }: { readonly video: PlannedVideo; readonly state: VideoState }) {
  const evaluated = state.kind === 'done' ? state.evaluated : null;
  const prediction = evaluated === null ? null : predictionOf(evaluated.report);
  return (
    <tr class={evaluated !== null && isDemoReport(evaluated.report) ? 'demo-ground' : ''}>
      <th scope="row" class="one-line" dir="auto" title={video.path}>
        {video.path}
      </th>
      <td>{labelText(video.trueLabel)}</td>
      <td class="number">{prediction === null ? '' : formatNumber(prediction.score, 4)}</td>
      <td>
        <Outcome state={state} />
      </td>
      <td class="number">{evaluated?.report.verdict.framesScanned ?? ''}</td>
      <td class="number">{evaluated === null ? '' : formatTook(evaluated.milliseconds)}</td>
    </tr>
  );
}

function Outcome({ state }: { readonly state: VideoState }) {
  switch (state.kind) {
    case 'pending':
      return <span class="quiet">{t('evaluate.state.pending')}</span>;
    case 'running':
      return (
        <span class="quiet number">
          {state.framesScanned === 0
            ? t('scan.loadingModel.title')
            : framesText(state.framesScanned, state.framesAsked)}
        </span>
      );
    case 'done':
      return <Words state={{ kind: 'finished', report: state.evaluated.report }} />;
    case 'failed': {
      const { code, message } = state.failed;
      if (code === 'source-failed') return <span title={message}>{t('evaluate.state.sourceFailed')}</span>;
      return <Words state={{ kind: 'failed', code: code as ScanFailureCode, message }} />;
    }
    default:
      return state satisfies never;
  }
}

function Words({ state }: { readonly state: ScanState }) {
  const { shape, tone, title, sentence } = wordsOfState(state);
  return (
    <span class={`with-mark tone-${tone}`} title={sentence}>
      <VerdictMark shape={shape} tone={tone} />
      {title}
    </span>
  );
}

function labelText(label: TrueLabel | null): string {
  if (label === null) return t('evaluate.label.none');
  return t(label === 'REAL' ? 'evaluate.label.real' : 'evaluate.label.fake');
}
