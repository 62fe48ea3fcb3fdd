import { getHistoryEntries } from '../../utils/browser/history-db.ts';
import { csvWriter, jsonWriter } from '../../utils/domain/history-file.ts';

export type ExportFormat = 'csv' | 'json';

const TYPES: Readonly<Record<ExportFormat, string>> = { csv: 'text/csv', json: 'application/json' };

/** Entries that are written at a time. They have 10 kB each, so two megabytes are in memory. */
const ENTRIES_A_BATCH = 200;

/** A file that is written part by part. */
type FileSink = {
  readonly write: (text: string) => Promise<void>;
  readonly close: () => Promise<void>;
  /** Removes the unfinished file. */
  readonly abort: () => Promise<void>;
};

/** The File System Access API (https://wicg.github.io/file-system-access/), which Firefox does not have. */
type SavePicker = {
  readonly showSaveFilePicker?: (options: {
    readonly suggestedName: string;
    readonly types: readonly { readonly accept: Readonly<Record<string, readonly string[]>> }[];
  }) => Promise<FileSystemFileHandle>;
};

/**
 * Writes entries to a file that the user chooses, a batch at a time. To be called in the task of the user's click.
 * @param onProgress called with the number of written entries
 * @returns false where the user chose no file
 * @throws AbortError
 */
export async function exportHistory(
  scanIds: readonly string[],
  format: ExportFormat,
  onProgress: (written: number) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const now = Date.now();
  const day = new Date(now).toISOString().slice(0, 10);
  const sink = await openSink(`trueframe-history-${day}.${format}`, format);
  if (sink === null) return false;
  const writer = format === 'csv' ? csvWriter() : jsonWriter(now);
  try {
    await sink.write(writer.head);
    let isFirst = true;
    for (let first = 0; first < scanIds.length; first += ENTRIES_A_BATCH) {
      signal.throwIfAborted();
      let text = '';
      for (const entry of await getHistoryEntries(scanIds.slice(first, first + ENTRIES_A_BATCH))) {
        text += writer.entry(entry, isFirst);
        isFirst = false;
      }
      await sink.write(text);
      onProgress(Math.min(first + ENTRIES_A_BATCH, scanIds.length));
    }
    await sink.write(writer.tail);
    await sink.close();
    return true;
  } catch (error) {
    await sink.abort();
    throw error;
  }
}

/** @returns null where the user chose no file */
async function openSink(name: string, format: ExportFormat): Promise<FileSink | null> {
  const { showSaveFilePicker } = globalThis as SavePicker;
  if (showSaveFilePicker === undefined) return blobSink(name, TYPES[format]);
  try {
    const handle = await showSaveFilePicker({
      suggestedName: name,
      types: [{ accept: { [TYPES[format]]: [`.${format}`] } }],
    });
    const file = await handle.createWritable();
    return { write: (text) => file.write(text), close: () => file.close(), abort: () => file.abort() };
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null;
    throw error;
  }
}

/** The browser keeps the parts of a Blob outside the page's memory, on the disk where they are large. */
function blobSink(name: string, type: string): FileSink {
  const parts: Blob[] = [];
  return {
    write: (text) => {
      parts.push(new Blob([text]));
      return Promise.resolve();
    },
    close: () => {
      saveBlob(name, new Blob(parts, { type }));
      return Promise.resolve();
    },
    abort: () => {
      parts.length = 0;
      return Promise.resolve();
    },
  };
}

function saveBlob(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download reads the bytes when the click's task is done; afterwards nothing uses the address.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
