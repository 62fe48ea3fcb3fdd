import { useMemo } from 'preact/hooks';
import { ConfirmButton } from '../../components/confirm-button.tsx';
import { Facts } from '../../components/facts.tsx';
import { formatBytes } from '../../components/format.ts';
import { clearQuestion, quietVerdictsSentence } from '../../components/history/history-row.tsx';
import { SetByAdministrator } from '../../components/set-by-administrator.tsx';
import { t } from '../../components/texts.tsx';
import type { Kept } from '../../utils/browser/history-client.ts';
import { MAX_CROP_BYTES, MAX_HISTORY_ENTRIES } from '../../utils/browser/history-db.ts';
import type { HistorySummary } from '../../utils/domain/history.ts';
import { HISTORY_DAYS } from '../../utils/domain/settings.ts';
import type { Settings } from '../../utils/domain/settings.ts';

type StorageSectionProps = {
  readonly entries: readonly HistorySummary[];
  readonly kept: Kept;
  readonly settings: Settings;
  readonly isExpirySet: boolean;
  readonly onDays: (days: number | null) => void;
  readonly onKeepCrops: (isOn: boolean) => void;
  readonly onClear: () => void;
};

/** The history's size on the disk, how long it is kept, and the button that empties it. */
export function StorageSection(props: StorageSectionProps) {
  const { entries, kept, settings, isExpirySet, onDays, onKeepCrops, onClear } = props;
  const { entryBytes, cropBytes, withCrops } = useMemo(() => sizesOf(entries), [entries]);
  const quietSentence = quietVerdictsSentence(kept.quietVerdicts);
  return (
    <section class="stack" aria-labelledby="storage">
      <h2 id="storage">{t('history.storage.title')}</h2>
      <Facts
        class="facts"
        facts={[
          [
            t('history.storage.checks'),
            t('history.storage.checksOf', entries.length, {
              size: formatBytes(entryBytes),
              count: entries.length,
              most: MAX_HISTORY_ENTRIES,
            }),
            'number',
          ],
          [
            t('history.storage.faces'),
            t('history.storage.facesOf', withCrops, {
              size: formatBytes(cropBytes),
              most: formatBytes(MAX_CROP_BYTES),
              count: withCrops,
            }),
            'number',
          ],
        ]}
      />
      <fieldset class="bar">
        <legend>{t('history.storage.forget')}</legend>
        {[
          null,
          ...new Set([...HISTORY_DAYS, ...(settings.historyDays === null ? [] : [settings.historyDays])]),
        ].map((days) => (
          <label key={days} class="bar own-label">
            <input
              type="radio"
              name="history-days"
              checked={settings.historyDays === days}
              disabled={isExpirySet}
              onChange={() => onDays(days)}
            />
            {days === null ? t('history.storage.never') : t('history.storage.days', days, { days })}
          </label>
        ))}
      </fieldset>
      {isExpirySet ? <SetByAdministrator /> : null}
      <label class="choice">
        <input
          type="checkbox"
          checked={settings.keepCrops}
          onChange={({ currentTarget }) => onKeepCrops(currentTarget.checked)}
        />
        <span>
          {t('history.storage.keepCrops')}{' '}
          <span class="quiet">
            {t('history.storage.keepCropsMeaning', { most: formatBytes(MAX_CROP_BYTES) })}
          </span>
        </span>
      </label>
      {quietSentence === null ? null : <p class="quiet">{quietSentence}</p>}
      {kept.checks + kept.quietVerdicts === 0 ? null : (
        <div>
          <ConfirmButton
            label={t('history.clearAll')}
            question={clearQuestion(kept.checks, kept.quietVerdicts)}
            confirmLabel={t(kept.checks === 0 ? 'action.forget' : 'action.delete')}
            onConfirm={onClear}
          />
        </div>
      )}
    </section>
  );
}

function sizesOf(entries: readonly HistorySummary[]) {
  let [entryBytes, cropBytes, withCrops] = [0, 0, 0];
  for (const { byteLength, cropByteLength } of entries) {
    entryBytes += byteLength;
    if (cropByteLength === undefined) continue;
    cropBytes += cropByteLength;
    withCrops += 1;
  }
  return { entryBytes, cropBytes, withCrops };
}
