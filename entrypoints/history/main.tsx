import { render } from 'preact';
import { useState } from 'preact/hooks';
import { usePictureUrls } from '../../components/history/use-picture-urls.ts';
import { nameDocument, t } from '../../components/texts.tsx';
import { UndoBar } from '../../components/undo-bar.tsx';
import { useStored } from '../../components/use-stored.ts';
import { useUndo } from '../../components/use-undo.ts';
import {
  annotateEntry,
  deleteAllEntries,
  deleteEntries,
  deleteEntriesUpTo,
  deleteFaces,
  readKept,
  watchKept,
} from '../../utils/browser/history-client.ts';
import { getFacePictures } from '../../utils/browser/history-db.ts';
import { readPolicy, watchPolicy } from '../../utils/browser/policy.ts';
import { changeSettings, readSettings, watchSettings } from '../../utils/browser/settings.ts';
import { tallyOf } from '../../utils/domain/history.ts';
import { expiryTime } from '../../utils/domain/settings.ts';
import type { Settings } from '../../utils/domain/settings.ts';
import { EntryRow, nameOf } from './entry-row.tsx';
import { FileSection } from './file-section.tsx';
import { Filters } from './filters.tsx';
import { SelectionBar } from './selection-bar.tsx';
import { StorageSection } from './storage-section.tsx';
import { useHistoryList } from './use-history-list.ts';
import type { HistoryList } from './use-history-list.ts';
import { useIsOlder } from './use-judging-model.ts';

const NOTHING: ReadonlySet<string> = new Set();

/** Lists every kept check: to find, label, export, import and delete it. */
export function HistoryPage() {
  const list = useHistoryList();
  const { all, found, shown, leave } = list;
  const [kept, showKept] = useStored(readKept, watchKept);
  const [settings, showSettings] = useStored(readSettings, watchSettings);
  const [policy] = useStored(readPolicy, watchPolicy);
  const { undoBar, offer } = useUndo();
  const [selected, setSelected] = useState(NOTHING);
  const [openId, setOpenId] = useState<string | null>(null);
  const pictureUrlOf = usePictureUrls(shown, getFacePictures);
  const isOlder = useIsOlder();
  if (all === null || kept === null || settings === null || policy === null) return <main class="column" />;

  async function remove(scanIds: readonly string[], message: string): Promise<void> {
    const undo = await deleteEntries(scanIds);
    // The pressed button disappears just before "Undo" appears, so that the focus can move to it.
    leave(new Set(scanIds));
    setSelected(NOTHING);
    offer(message, undo);
  }

  async function clear(): Promise<void> {
    const undo = await deleteAllEntries();
    leave(new Set(all?.map(({ scanId }) => scanId)));
    showKept({ checks: 0, quietVerdicts: 0 });
    setSelected(NOTHING);
    offer(t('history.cleared'), undo);
  }

  /** The page shows a change before it is stored, so that the control does not jump back. */
  function change(changed: Partial<Settings>): Promise<void> {
    showSettings((current) => current && { ...current, ...changed });
    return changeSettings(changed);
  }

  async function forgetAfter(days: number | null): Promise<void> {
    showSettings((current) => current && { ...current, historyDays: days });
    const former = settings?.historyDays ?? null;
    const time = expiryTime(days, Date.now());
    // The page reads the entries before the background deletes them, since the background keeps no copy.
    const deleted = time === null ? null : await deleteEntriesUpTo(time);
    await change({ historyDays: days });
    if (deleted === null || deleted.count === 0) return;
    const { count, undo } = deleted;
    offer(t('history.page.deletedSome', count, { count }), async () => {
      await change({ historyDays: former });
      await undo();
    });
  }

  async function keepFaces(isOn: boolean): Promise<void> {
    await change({ keepCrops: isOn });
    if (isOn) return;
    const count = all?.filter(({ cropByteLength }) => cropByteLength !== undefined).length ?? 0;
    const undo = await deleteFaces();
    if (count === 0) return;
    offer(t('history.page.deletedFaces', count, { count }), async () => {
      await change({ keepCrops: true });
      await undo();
    });
  }

  const scanIds = selected.size > 0 ? [...selected] : found.map(({ scanId }) => scanId);
  return (
    <main class="column">
      <header class="stack">
        <h1>{t('history.title')}</h1>
        <p class="quiet">{t('history.keptHere')}</p>
      </header>
      {all.length === 0 ? (
        <p class="empty">{t('history.empty')}</p>
      ) : (
        <div class="list" aria-label={t('history.page.list')} role="region">
          <div class="list-head stack">
            <Filters list={list} />
            {selected.size === 0 ? (
              <Tally list={list} />
            ) : (
              <SelectionBar
                count={selected.size}
                foundCount={found.length}
                onSelectAll={() => setSelected(new Set(found.map(({ scanId }) => scanId)))}
                onSelectNone={() => setSelected(NOTHING)}
                onDelete={() =>
                  void remove(
                    [...selected],
                    t('history.page.deletedSome', selected.size, { count: selected.size }),
                  )
                }
              />
            )}
          </div>
          {found.length === 0 ? <p class="empty quiet">{t('history.page.notFound')}</p> : null}
          <ul>
            {shown.map((entry) => (
              <EntryRow
                key={entry.scanId}
                entry={entry}
                pictureUrl={pictureUrlOf(entry.scanId)}
                isSelected={selected.has(entry.scanId)}
                onSelect={(isSelected) => setSelected(withOne(selected, entry.scanId, isSelected))}
                isOpen={openId === entry.scanId}
                onOpen={(isOpen) => setOpenId(isOpen ? entry.scanId : null)}
                isOlder={isOlder(entry)}
                onAnnotate={(annotation) =>
                  void annotateEntry(entry.scanId, annotation).then((undo) =>
                    offer(t('history.own.saved', { title: nameOf(entry) }), undo),
                  )
                }
                onDelete={() => void remove([entry.scanId], t('history.deleted', { title: nameOf(entry) }))}
              />
            ))}
          </ul>
          <Pager list={list} />
        </div>
      )}
      <FileSection
        scanIds={scanIds}
        isSelection={selected.size > 0}
        historyDays={settings.historyDays}
        onImported={offer}
      />
      <StorageSection
        entries={all}
        kept={kept}
        settings={settings}
        isExpirySet={policy.policy.historyDays !== undefined}
        onDays={(days) => void forgetAfter(days)}
        onKeepCrops={(isOn) => void keepFaces(isOn)}
        onClear={() => void clear()}
      />
      {undoBar === null ? null : (
        <div class="undo-place">
          <UndoBar {...undoBar} />
        </div>
      )}
    </main>
  );
}

/** "214 scans: 3 likely manipulated, 31 not sure", for the entries that match. */
function Tally({ list: { found } }: { readonly list: HistoryList }) {
  const { scans, manipulated, notSure } = tallyOf(found);
  return (
    <p role="status" class="tally">
      {t('history.page.tally', scans, { scans, manipulated, notSure })}
    </p>
  );
}

function Pager({ list }: { readonly list: HistoryList }) {
  const { found, shown, pageIndex, pageCount, firstNumber, setPage } = list;
  if (pageCount === 1) return null;
  const turnTo = (index: number): void => {
    setPage(index);
    scrollTo({ top: 0 });
  };
  return (
    <nav class="bar pager" aria-label={t('history.page.pages')}>
      <button type="button" disabled={pageIndex === 0} onClick={() => turnTo(pageIndex - 1)}>
        {t('history.page.previous')}
      </button>
      <span class="number">
        {t('history.page.range', {
          first: firstNumber,
          last: firstNumber + shown.length - 1,
          all: found.length,
        })}
      </span>
      <button type="button" disabled={pageIndex === pageCount - 1} onClick={() => turnTo(pageIndex + 1)}>
        {t('history.page.next')}
      </button>
    </nav>
  );
}

function withOne(selected: ReadonlySet<string>, scanId: string, isIn: boolean): ReadonlySet<string> {
  const changed = new Set(selected);
  if (isIn) changed.add(scanId);
  else changed.delete(scanId);
  return changed;
}

nameDocument('history.page.pageTitle');
render(<HistoryPage />, document.body);
