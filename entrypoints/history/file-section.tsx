import { useRef, useState } from 'preact/hooks';
import { t } from '../../components/texts.tsx';
import { importEntries } from '../../utils/browser/history-client.ts';
import type { Undo } from '../../utils/browser/history-client.ts';
import { MAX_HISTORY_ENTRIES } from '../../utils/browser/history-db.ts';
import { MAX_IMPORT_BYTES, parseHistoryFile } from '../../utils/domain/history-file.ts';
import type { ImportProblem } from '../../utils/domain/history-file.ts';
import { expiryTime } from '../../utils/domain/settings.ts';
import { formatBytes } from '../../components/format.ts';
import { exportHistory } from './export-history.ts';
import type { ExportFormat } from './export-history.ts';

type FileSectionProps = {
  /** Ids of the entries that are written: the selected ones, or those that match. */
  readonly scanIds: readonly string[];
  readonly isSelection: boolean;
  /** The number of days after which the history forgets; null for never. */
  readonly historyDays: number | null;
  readonly onImported: (message: string, undo: Undo) => void;
};

type Work =
  | { readonly kind: 'idle' }
  | { readonly kind: 'writing'; readonly written: number; readonly controller: AbortController }
  | { readonly kind: 'written'; readonly count: number }
  | { readonly kind: 'failed' }
  | { readonly kind: 'reading' }
  | { readonly kind: 'refused'; readonly problem: ImportProblem };

const IDLE: Work = { kind: 'idle' };

/** Saves the history to files, and reads it from a file. */
export function FileSection({ scanIds, isSelection, historyDays, onImported }: FileSectionProps) {
  const [work, setWork] = useState<Work>(IDLE);
  const isBusy = work.kind === 'writing' || work.kind === 'reading';

  async function write(format: ExportFormat): Promise<void> {
    const controller = new AbortController();
    const show = (written: number): void => setWork({ kind: 'writing', written, controller });
    try {
      const isWritten = await exportHistory(scanIds, format, show, controller.signal);
      setWork(isWritten ? { kind: 'written', count: scanIds.length } : IDLE);
    } catch (error) {
      setWork(controller.signal.aborted ? IDLE : { kind: 'failed' });
      if (!controller.signal.aborted) throw error;
    }
  }

  async function read(file: File): Promise<void> {
    setWork({ kind: 'reading' });
    const result = await importFile(file, historyDays);
    if ('problem' in result) {
      setWork({ kind: 'refused', problem: result.problem });
      return;
    }
    setWork(IDLE);
    onImported(t('history.file.added', result.added, { count: result.added }), result.undo);
  }

  return (
    <section class="stack" aria-labelledby="files">
      <h2 id="files">{t('history.file.title')}</h2>
      <p class="quiet">{t('history.file.meaning')}</p>
      <div class="bar">
        {(['csv', 'json'] as const).map((format) => (
          <button
            key={format}
            type="button"
            disabled={isBusy || scanIds.length === 0}
            onClick={() => void write(format)}
          >
            {t(isSelection ? `history.file.${format}Selected` : `history.file.${format}`, scanIds.length, {
              count: scanIds.length,
            })}
          </button>
        ))}
        <OpenButton isDisabled={isBusy} onFile={(file) => void read(file)} />
      </div>
      <WorkStatus work={work} total={scanIds.length} />
    </section>
  );
}

function OpenButton({
  isDisabled,
  onFile,
}: {
  readonly isDisabled: boolean;
  readonly onFile: (file: File) => void;
}) {
  const field = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" disabled={isDisabled} onClick={() => field.current?.click()}>
        {t('history.file.open')}
      </button>
      <input
        ref={field}
        type="file"
        hidden
        accept=".json,application/json"
        aria-label={t('history.file.field')}
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          if (file !== undefined) onFile(file);
          // The user can choose the same file again, such as one that was repaired.
          currentTarget.value = '';
        }}
      />
    </>
  );
}

function WorkStatus({ work, total }: { readonly work: Work; readonly total: number }) {
  switch (work.kind) {
    case 'idle':
      return null;
    case 'reading':
      return <p role="status">{t('history.file.reading')}</p>;
    case 'writing':
      return (
        <div class="bar">
          <progress value={work.written} max={total} aria-label={t('history.file.title')} />
          <span class="number">{t('history.file.writing', { written: work.written, all: total })}</span>
          <button type="button" onClick={() => work.controller.abort()}>
            {t('action.cancel')}
          </button>
        </div>
      );
    case 'written':
      return <p role="status">{t('history.file.written', work.count, { count: work.count })}</p>;
    case 'failed':
      return <p role="alert">{t('history.file.failed')}</p>;
    case 'refused':
      return (
        <p role="alert">
          {problemSentence(work.problem)} {t('history.file.nothingChanged')}
        </p>
      );
    default:
      return work satisfies never;
  }
}

type ImportResult = { readonly problem: ImportProblem } | { readonly added: number; readonly undo: Undo };

/** Reads and validates a file, and imports all of its entries or none. */
async function importFile(file: File, historyDays: number | null): Promise<ImportResult> {
  if (file.size > MAX_IMPORT_BYTES) return { problem: { code: 'too-large' } };
  const parsed = await parseHistoryFile(await file.text());
  if ('problem' in parsed) return parsed;
  const time = expiryTime(historyDays, Date.now());
  const expired = time === null ? 0 : parsed.entries.filter(({ finishedAt }) => finishedAt <= time).length;
  if (expired > 0) return { problem: { code: 'expired', count: expired } };
  return (await importEntries(parsed.entries)) ?? { problem: { code: 'too-many' } };
}

function problemSentence(problem: ImportProblem): string {
  switch (problem.code) {
    case 'too-large':
      return t('history.file.problem.tooLarge', { size: formatBytes(MAX_IMPORT_BYTES) });
    case 'not-json':
      return t('history.file.problem.notJson');
    case 'foreign':
      return t('history.file.problem.foreign');
    case 'newer':
      return t('history.file.problem.newer');
    case 'older':
      return t('history.file.problem.older');
    case 'entry-invalid':
      return t('history.file.problem.entryInvalid', { number: problem.number });
    case 'entry-newer':
      return t('history.file.problem.entryNewer', { number: problem.number });
    case 'too-many':
      return t('history.file.problem.tooMany', { most: MAX_HISTORY_ENTRIES });
    case 'expired':
      return t('history.file.problem.expired', problem.count, { count: problem.count });
    default:
      return problem satisfies never;
  }
}
