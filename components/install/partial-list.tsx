import { ConfirmButton } from '../confirm-button.tsx';
import { formatBytes, formatMoment } from '../format.ts';
import type { PartialDownload } from '../../utils/domain/installation.ts';

type PartialListProps = {
  readonly partials: readonly PartialDownload[];
  readonly locale: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly onContinue: (partial: PartialDownload) => void;
  readonly onDiscard: (partial: PartialDownload) => void;
};

/** Downloads that were begun: each can go on where it stopped, or be given up. */
export function PartialList({ partials, locale, now, onContinue, onDiscard }: PartialListProps) {
  return (
    <ul class="stack">
      {partials.map((partial) => (
        <li key={`${partial.title}-${partial.dtype}-${partial.device}`} class="card stack">
          <h3>
            {partial.title}, {partial.dtype}: not complete yet
          </h3>
          <progress
            aria-label={`Fetched of ${partial.title}`}
            max={partial.totalByteLength}
            value={partial.doneByteLength}
          />
          <p class="small quiet number">
            {formatBytes(partial.doneByteLength)} of {formatBytes(partial.totalByteLength)} are here and take{' '}
            {formatBytes(partial.storedByteLength)} on the disk.{' '}
            {formatMoment(partial.updatedAt, now, locale)}
          </p>
          <div class="bar">
            <button type="button" class="primary" onClick={() => onContinue(partial)}>
              Continue the download
            </button>
            <ConfirmButton
              class="push"
              label="Discard"
              question={`Discard ${formatBytes(partial.doneByteLength)}?`}
              confirmLabel="Discard"
              onConfirm={() => onDiscard(partial)}
            />
          </div>
        </li>
      ))}
    </ul>
  );
}
