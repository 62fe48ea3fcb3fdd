import { ConfirmButton } from '../confirm-button.tsx';
import { formatBytes, formatMoment } from '../format.ts';
import { t } from '../texts.tsx';
import { ByteProgress } from './install-progress.tsx';
import type { PartialDownload } from '../../utils/domain/installation.ts';

type PartialListProps = {
  readonly partials: readonly PartialDownload[];
  readonly onContinue: (partial: PartialDownload) => void;
  readonly onDiscard: (partial: PartialDownload) => void;
};

/** Downloads that were begun: each can go on where it stopped, or be given up. */
export function PartialList({ partials, onContinue, onDiscard }: PartialListProps) {
  return (
    <ul class="stack">
      {partials.map((partial) => (
        <li key={`${partial.title}-${partial.dtype}-${partial.device}`} class="card stack">
          <h3>{t('install.partial.title', { network: partial.title, form: partial.dtype })}</h3>
          <ByteProgress
            aria-label={t('install.partial.progress', { network: partial.title })}
            bytes={partial}
          />
          <p class="small quiet number">
            {t('install.partial.size', {
              done: formatBytes(partial.doneByteLength),
              all: formatBytes(partial.totalByteLength),
              stored: formatBytes(partial.storedByteLength),
              moment: formatMoment(partial.updatedAt),
            })}
          </p>
          <div class="bar">
            <button type="button" class="primary" onClick={() => onContinue(partial)}>
              {t('install.continue')}
            </button>
            <ConfirmButton
              class="push"
              label={t('install.partial.discard')}
              question={t('install.partial.discardQuestion', { size: formatBytes(partial.doneByteLength) })}
              confirmLabel={t('install.partial.discard')}
              onConfirm={() => onDiscard(partial)}
            />
          </div>
        </li>
      ))}
    </ul>
  );
}
