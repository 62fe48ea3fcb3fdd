import { DetectorError, isDetectorError } from '../../../utils/domain/errors.ts';
import type { ByteSource } from './byte-source.ts';
import { showForeign } from './foreign-text.ts';
import { createPickleCursor } from './pickle-cursor.ts';
import { runPickle } from './pickle-machine.ts';

const SNIFF_BYTES = 4096;

/** The kind of file that the first bytes belong to. */
export type FileKind = 'zip' | 'legacy' | 'safetensors';

/** The first pickle of the legacy format in protocols 0 and 1, which are without PROTO. */
const TEXT_MAGIC = 'L119547037146038801333356L\n.';
const SAFETENSORS_NAME = /\.safetensors$/i;

/** Files that are often taken for a checkpoint, or hold one, by the bytes at a place. */
const OTHER_FORMATS: readonly {
  readonly offset?: number;
  readonly bytes: readonly number[] | string;
  readonly name: string;
}[] = [
  { bytes: [0x1f, 0x8b], name: 'compressed with gzip: unpack it first' },
  { bytes: 'BZh', name: 'compressed with bzip2: unpack it first' },
  { bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], name: 'compressed with xz: unpack it first' },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], name: 'compressed with Zstandard: unpack it first' },
  { bytes: [0x04, 0x22, 0x4d, 0x18], name: 'compressed with LZ4: unpack it first' },
  { bytes: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], name: 'a 7z archive: unpack it first' },
  { bytes: 'Rar!', name: 'a RAR archive: unpack it first' },
  {
    offset: 257,
    bytes: 'ustar',
    name: 'a tar archive: unpack it first; if PyTorch before 0.1.11 wrote it, save it again with a current one',
  },
  { bytes: [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a], name: 'an HDF5 file, as Keras writes' },
  { bytes: 'GGUF', name: 'a GGUF file, as llama.cpp reads' },
  { bytes: 'lmgg', name: 'a GGML file, as llama.cpp reads' },
  { bytes: 'tjgg', name: 'a GGML file, as llama.cpp reads' },
  { offset: 4, bytes: 'TFL3', name: 'a TensorFlow Lite model' },
  { bytes: [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], name: 'an array of numpy (.npy)' },
  { bytes: '%PDF', name: 'a PDF document' },
  { bytes: [0x7f, 0x45, 0x4c, 0x46], name: 'a program' },
  { bytes: 'MZ', name: 'a program' },
  { offset: 4, bytes: 'ftyp', name: 'a video' },
];

/**
 * Tells the formats apart. For a file of another kind it says in plain words what the file is; most such files are
 * leftovers of a download that did not fetch the weights.
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
  if (head[0] === 0x80 || startsWith(head, TEXT_MAGIC)) return 'legacy';
  const other = OTHER_FORMATS.find(({ offset = 0, bytes }) => startsWith(head, bytes, offset))?.name;
  if (other === undefined && isSafetensors(head, source.name)) return 'safetensors';
  const format =
    other ?? (isOnnx(head) ? 'an ONNX model: choose the PyTorch checkpoint that it was made of' : null);
  if (format !== null) {
    throw new DetectorError(
      'checkpoint-unsupported',
      `${source.name}: this is not a PyTorch checkpoint: it is ${format}`,
    );
  }
  throw new DetectorError('checkpoint-malformed', `${source.name}: ${nameOtherFile(head, source.name)}`);
}

function startsWith(head: Uint8Array, signature: readonly number[] | string, offset = 0): boolean {
  const bytes = typeof signature === 'string' ? new TextEncoder().encode(signature) : signature;
  return bytes.every((byte, index) => head[offset + index] === byte);
}

/**
 * A length below 4 GB and a brace behind it. If neither fits, the file's name decides, so that the reader can say what
 * is wrong with it.
 */
function isSafetensors(head: Uint8Array, fileName: string): boolean {
  const isLength = head.length > 8 && head.subarray(4, 8).every((byte) => byte === 0);
  if (isLength && head[8] === 0x7b) return true;
  return SAFETENSORS_NAME.test(fileName) && printableText(head) === undefined;
}

/**
 * A ModelProto: the field ir_version with one of its few values, then a text (the producer), the graph or the opsets
 * (onnx.proto, fields 1, 2, 7, 8).
 */
function isOnnx(head: Uint8Array): boolean {
  return head[0] === 0x08 && head[1]! > 0 && head[1]! < 32 && [0x12, 0x1a, 0x3a, 0x42].includes(head[2]!);
}

function nameOtherFile(head: Uint8Array<ArrayBuffer>, fileName: string): string {
  const text = printableText(head);
  if (text === undefined) {
    const isPickle = /^(\((?:[dli]p?\d|c)|c[\w.]+\n[\w.]+\n)/.test(new TextDecoder('latin1').decode(head));
    if (isPickle) return 'this is a pickle, but not one of torch.save; save the weights with torch.save';
    const bytes = [...head.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    return `this is not a PyTorch checkpoint: expected a zip (50 4b 03 04) or a pickle (80 02), found ${bytes}`;
  }
  if (text.startsWith('version https://git-lfs')) {
    return 'this is a Git LFS pointer, not the file: download the file itself';
  }
  if (/^\s*<\?xml[^>]*>\s*<net\s/i.test(text)) {
    return 'this is the graph of an OpenVINO model, not a PyTorch checkpoint';
  }
  if (/^\s*\{[\s\S]*"weight_map"/.test(text)) {
    return 'this is only the index of a checkpoint in several files: choose a file that holds all weights';
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

/**
 * Pickles of protocol 0 are text. They are no checkpoints, but the message names the function that one would have
 * called.
 */
function refuseTextPickle(head: Uint8Array<ArrayBuffer>, fileName: string): void {
  try {
    runPickle(createPickleCursor(head, fileName));
  } catch (error) {
    if (isDetectorError(error, 'checkpoint-refused')) throw error;
    // Any other error only means that the text is no pickle, which the caller reports.
  }
}
