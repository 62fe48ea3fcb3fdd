import { useState } from 'preact/hooks';
import { formatBytes } from '../../components/format.ts';
import { t } from '../../components/texts.tsx';
import { PartialList } from '../../components/install/partial-list.tsx';
import { BROWSER_STORE } from '../../models/store/browser-store.ts';
import { freeLeftovers } from '../../models/store/leftovers.ts';
import { discardPartialDownload } from '../../models/store/download/partial-download.ts';
import type { InstallItem, StoreOverview } from '../../utils/domain/installation.ts';

type LeftoversProps = {
  readonly stored: StoreOverview;
  /** Whether a deletion can still be undone: its files count as leftovers. */
  readonly hasUndo: boolean;
  readonly refresh: () => Promise<void>;
  readonly onContinue: (item: InstallItem) => void;
};

/** The leftovers of earlier installations: downloads that can continue, and files of no model. */
export function Leftovers({ stored, hasUndo, refresh, onContinue }: LeftoversProps) {
  const { partials, leftoverByteLength } = stored;
  const [message, setMessage] = useState('');

  async function free(): Promise<void> {
    try {
      setMessage(t('install.freed', { size: formatBytes(await freeLeftovers(BROWSER_STORE)) }));
    } catch (error) {
      setMessage(error instanceof Error ? error.message : String(error));
    }
    await refresh();
  }

  return (
    <>
      {partials.length === 0 ? null : (
        <PartialList
          partials={partials}
          onContinue={({ detector, network, dtype, device }) =>
            onContinue({ detector, network, dtype, device })
          }
          onDiscard={(partial) => void discardPartialDownload(BROWSER_STORE, partial).then(refresh)}
        />
      )}
      {leftoverByteLength === 0 || hasUndo ? null : (
        <div class="bar">
          <p>{t('install.leftovers', { size: formatBytes(leftoverByteLength) })}</p>
          <button type="button" class="push" onClick={() => void free()}>
            {t('install.freeLeftovers')}
          </button>
        </div>
      )}
      <p role="status" class={message === '' ? 'hidden-text' : ''}>
        {message}
      </p>
    </>
  );
}
