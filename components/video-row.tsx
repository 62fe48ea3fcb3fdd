import type { ScanState } from '../utils/domain/scan.ts';
import { VerdictMark } from './report/verdict-mark.tsx';
import { mediaTimeText, scoreText, waysOutOf, wordsOfState } from './report/verdict-words.ts';
import { isDemoState, isWorking, progressOf } from './scan-progress.ts';
import { formatNumber, isolated, t } from './texts.tsx';
import type { PageVideo } from '../utils/domain/page-video.ts';

/** What the user can do with one of the tab's videos. All but `onCancel` run in the task of the click. */
export type VideoActions = {
  readonly onCheck: () => void;
  readonly onCancel: () => void;
  readonly onAllowHost: (host: string) => void;
  readonly onUseScreen: () => void;
};

type VideoRowProps = VideoActions & {
  readonly video: PageVideo;
  /** Of the video's last check; null where there was none. */
  readonly state: ScanState | null;
  /** True from the click on "Check" to the first state of the check. */
  readonly isStarting: boolean;
  /** False without a network: the page says so once, and no button offers a check. */
  readonly canCheck: boolean;
  /** Address of the page with the last check's details. */
  readonly detailsUrl: string | null;
  readonly onInstallModel: () => void;
};

/** One video of the tab: title, what is known of it, and the one button that fits. */
export function VideoRow(props: VideoRowProps) {
  const { video, state, detailsUrl } = props;
  const words = state === null ? null : wordsOfState(state);
  const isDemo = isDemoState(state);
  return (
    <li class={`video-row ${isDemo ? 'demo-ground' : ''}`}>
      <VerdictMark
        shape={words?.shape ?? 'none'}
        tone={words?.tone ?? 'neutral'}
        progress={state?.kind === 'running' ? progressOf(state) : null}
        sizePixels={28}
      />
      <div class="video-text">
        <p class="one-line" dir="auto" title={video.title}>
          {video.title === '' ? t('video.untitled') : video.title}
        </p>
        <p class="small" aria-live="polite">
          {words === null ? (
            <span class="quiet number">{describeVideo(video)}</span>
          ) : (
            <span class={`tone-${words.tone}`}>{words.title}</span>
          )}
        </p>
        <Result state={state} detailsUrl={detailsUrl} />
      </div>
      <RowButton {...props} />
      {words === null || words.remedy === 'none' || isWorking(state) ? null : (
        <p class="video-sentence small quiet">{words.sentence}</p>
      )}
      <WaysOutButtons {...props} />
    </li>
  );
}

function WaysOutButtons({ state, canCheck, onAllowHost, onUseScreen }: VideoRowProps) {
  const waysOut = state === null || !canCheck ? null : waysOutOf(state);
  if (waysOut === null) return null;
  const { hostToAllow, canUseScreen } = waysOut;
  return (
    <p class="video-sentence bar">
      {hostToAllow === null ? null : (
        <button type="button" onClick={() => onAllowHost(hostToAllow)}>
          {t('action.allow', { host: hostToAllow })}
        </button>
      )}
      {canUseScreen ? (
        <button type="button" onClick={onUseScreen}>
          {t('action.useScreen')}
        </button>
      ) : null}
    </p>
  );
}

function Result({ state, detailsUrl }: Pick<VideoRowProps, 'state' | 'detailsUrl'>) {
  if (state?.kind !== 'finished' || detailsUrl === null) return null;
  const { verdict } = state.report;
  // Without a model no frame was scanned, so there are no details.
  if (verdict.kind === 'refused' && verdict.reason === 'model-missing') return null;
  const score = scoreText(state.report);
  return (
    <p class="small quiet number">
      {score === null ? null : <>{score} · </>}
      <a href={detailsUrl} target="_blank">
        {t('action.details')}
      </a>
    </p>
  );
}

function RowButton({ video, state, isStarting, canCheck, onCheck, onCancel, onInstallModel }: VideoRowProps) {
  const { title } = video;
  if (isWorking(state)) {
    return (
      <button type="button" aria-label={t('video.cancel', { title })} onClick={onCancel}>
        {t('action.cancel')}
      </button>
    );
  }
  if (state !== null && wordsOfState(state).remedy === 'install-model') {
    return (
      <button type="button" class="primary" onClick={onInstallModel}>
        {t('action.setUp')}
      </button>
    );
  }
  if (!canCheck) return null;
  return (
    <button
      type="button"
      class={state === null ? 'primary' : ''}
      aria-label={t(state === null ? 'video.check' : 'video.checkAgain', { title })}
      disabled={isStarting}
      onClick={onCheck}
    >
      {t(state === null ? 'action.check' : 'action.checkAgain')}
    </button>
  );
}

/** "1280 × 720 · 2:05 · paused". From right to left, the sides would be exchanged. */
function describeVideo({ widthPixels, heightPixels, durationSeconds, isPaused }: PageVideo): string {
  return [
    widthPixels === 0
      ? t('video.notLoaded')
      : isolated(`${formatNumber(widthPixels)} × ${formatNumber(heightPixels)}`),
    durationSeconds === null ? t('video.live') : mediaTimeText(durationSeconds),
    ...(isPaused ? [t('video.paused')] : []),
  ].join(' · ');
}
