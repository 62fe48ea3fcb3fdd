import { DetectorError, isDetectorError } from '../../../utils/domain/errors.ts';
import type { ByteSource } from './byte-source.ts';
import { showForeign } from './foreign-text.ts';
import { createPickleCursor } from './pickle-cursor.ts';
import { runPickle } from './pickle-machine.ts';

const SNIFF_BYTES = 4096;

/** What kind of file the first bytes promise. */
export type FileKind = 'zip' | 'legacy';

/**
 * Tells the two formats apart, and says in plain words what a file is that is neither: the usual ones are what a
 * download leaves behind when it did not fetch the weights.
 * @throws DetectorError `checkpoint-malformed`; `checkpoint-refused` for a bare pickle that would call something
 */
export async function sniffFile(source: ByteSource, signal?: AbortSignal): Promise<FileKind> {
  if (source.byteLength === 0) {
    throw new DetectorError('checkpoint-malformed', `${source.name}: the file is empty; download it again`);
  }
  const head = await source.read(0, Math.min(SNIFF_BYTES, source.byteLength), signal);
  // The first local header; "PK\5\6" is a zip without records.
  if (startsWith(head, [0x50, 0x4b, 0x03, 0x04]) || startsWith(head, [0x50, 0x4b, 0x05, 0x06])) return 'zip';
  // PROTO: all five pickles of the legacy format begin with it.
  if (head[0] === 0x80) return 'legacy';
  throw new DetectorError('checkpoint-malformed', `${source.name}: ${nameOtherFile(head, source.name)}`);
}

function startsWith(head: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, index) => head[index] === byte);
}

function nameOtherFile(head: Uint8Array<ArrayBuffer>, fileName: string): string {
  const text = printableText(head);
  if (text === undefined) {
    const bytes = [...head.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    return `this is not a PyTorch checkpoint: expected a zip (50 4b 03 04) or a pickle (80 02), found ${bytes}`;
  }
  if (text.startsWith('version https://git-lfs')) {
    return 'this is a Git LFS pointer, not the file: download the file itself';
  }
  if (/^\s*(<!doctype|<html|<\?xml|<)/i.test(text)) {
    return 'this is a web page, not the file: the address leads to a page about it or to an error; download the file itself';
  }
  refuseTextPickle(head, fileName);
  return `this is a text file, not a PyTorch checkpoint; it begins with "${showForeign(text, 40)}"`;
}

/** Text when everything is printable ASCII or UTF-8 beyond it. */
function printableText(head: Uint8Array): string | undefined {
  for (const byte of head) {
    const isPrintable = byte >= 0x20 ? byte !== 0x7f : byte === 0x09 || byte === 0x0a || byte === 0x0d;
    if (!isPrintable) return undefined;
  }
  return new TextDecoder().decode(head);
}

/** Pickles of protocol 0 are text. They are no checkpoints, but what one would have called is worth saying. */
function refuseTextPickle(head: Uint8Array<ArrayBuffer>, fileName: string): void {
  try {
    runPickle(createPickleCursor(head, fileName));
  } catch (error) {
    if (isDetectorError(error, 'checkpoint-refused')) throw error;
    // Anything else only means that the text is no pickle, which the caller says.
  }
}
