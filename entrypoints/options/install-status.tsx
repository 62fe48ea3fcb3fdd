import { formatBytes, formatTimeLeft } from '../../components/format.ts';
import { modelName } from '../../components/model-label.ts';
import type { InstallProgress } from '../../models/store/install-model.ts';
import { explainInstallProblem } from './install-problem.ts';
import { paceOf } from './install-time.ts';
import type { InstallState } from './use-install.ts';

type InstallStatusProps = { readonly state: InstallState; readonly onCancel: () => void };

/** How an installation goes, or how it ended. */
export function InstallStatus({ state, onCancel }: InstallStatusProps) {
  switch (state.kind) {
    case 'idle':
      return null;
    case 'running':
      return <Running state={state} onCancel={onCancel} />;
    case 'installed':
      return (
        <p role="status">
          {modelName(state.model)} is installed. Right-click a video and choose “Check this video”.
        </p>
      );
    case 'cancelled':
      return <p role="status">Cancelled. Nothing was kept.</p>;
    case 'failed': {
      const { title, remedy } = explainInstallProblem(state.code);
      return (
        <div class="card problem stack" role="alert">
          <h3>{title}</h3>
          <p>{remedy}</p>
          <p class="small quiet">
            <code>{state.message}</code>
          </p>
        </div>
      );
    }
  }
}

function Running({
  state: { fileName, progress, phaseStartedAt },
  onCancel,
}: {
  readonly state: Extract<InstallState, { kind: 'running' }>;
  readonly onCancel: () => void;
}) {
  return (
    <div class="card stack">
      <div class="bar">
        <h3 id="installing">{phaseWords(progress, fileName)}</h3>
        <button type="button" class="push" onClick={onCancel}>
          Cancel
        </button>
      </div>
      {progress === null || progress.phase === 'waiting' ? (
        <progress aria-labelledby="installing" />
      ) : (
        <>
          <progress
            aria-labelledby="installing"
            max={progress.totalByteLength}
            value={progress.doneByteLength}
          />
          <p class="small quiet number">{paceWords(progress, performance.now() - phaseStartedAt)}</p>
        </>
      )}
    </div>
  );
}

function phaseWords(progress: InstallProgress | null, fileName: string): string {
  switch (progress?.phase) {
    case undefined:
      return `Reading ${fileName}`;
    case 'waiting':
      return 'Waiting for another installation';
    case 'converting':
      return `Converting ${fileName}`;
    case 'hashing':
      return `Computing the checksum of ${fileName}`;
  }
}

/** "45 MB of 120 MB · 60 MB a second · about 20 seconds left" */
function paceWords(
  { doneByteLength, totalByteLength }: InstallProgress,
  elapsedMilliseconds: number,
): string {
  const pace = paceOf(doneByteLength, totalByteLength, elapsedMilliseconds);
  return [
    `${formatBytes(doneByteLength)} of ${formatBytes(totalByteLength)}`,
    ...(pace === null
      ? []
      : [`${formatBytes(pace.bytesPerSecond)} a second`, formatTimeLeft(pace.secondsLeft)]),
  ].join(' · ');
}
