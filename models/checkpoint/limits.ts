/**
 * What this reader is willing to take from a file it does not trust. Every limit lies well above what a real
 * checkpoint of this kind needs (the largest, a VAE with convnext_large and its optimizer, has about 4,000 tensors
 * and a pickle of 1.5 MB) and low enough that the worst file costs less than a second and 50 MB.
 */

/** Central directory of the zip: 100,000 records of an average name take 7 MB. */
export const MAX_ZIP_DIRECTORY_BYTES = 8 * 2 ** 20;

/** Records in the zip: one for each storage and a handful more. */
export const MAX_ZIP_ENTRIES = 65_536;

/** Bytes of one pickle; all five together in the legacy format. Held in memory as a whole. */
export const MAX_PICKLE_BYTES = 8 * 2 ** 20;

/** Opcodes of one pickle: about 50 for each tensor, 160,000 for the largest. Bounds time and the number of objects. */
export const MAX_PICKLE_OPCODES = 400_000;

/** Dicts of one pickle (one for each tensor and module): a Map is by far the largest object an opcode can make. */
export const MAX_PICKLE_DICTS = 20_000;

/** Depth of the machine's stack; a dict's items are set in batches of 1000, deep tuples are built without a stack. */
export const MAX_PICKLE_STACK = 100_000;

/** Entries of the memo, as many as there can be values. The memo is a Map, so that a huge index costs nothing. */
export const MAX_PICKLE_MEMO = 250_000;

/** UTF-8 bytes of one string. Keys have about 80, a printed configuration some thousands. */
export const MAX_PICKLE_STRING_BYTES = 2 ** 20;

/** Bytes of a module's or class's name in GLOBAL: Python's longest are far shorter. */
export const MAX_PICKLE_LINE_BYTES = 4096;

/** Depth to which lists, tuples and dicts may hold each other: an optimizer's state has five levels. */
export const MAX_NESTING = 1000;

/** Tensors of a checkpoint, the optimizer's included. */
export const MAX_TENSORS = 16_384;

/** Dimensions of a tensor; the reference has at most 4 and PyTorch itself stops at 64. */
export const MAX_TENSOR_DIMS = 8;

/**
 * Elements of a view that has more elements than its storage (an expanded tensor, stride 0). Without a limit sixteen
 * bytes on disk could ask for any amount of memory; no weight of a network is stored this way.
 */
export const MAX_EXPANDED_ELEMENTS = 2 ** 20;

/**
 * A deflated record may claim this much without further questions; above it the claim is believed only up to
 * {@link MAX_DEFLATE_RATIO} times the compressed size. Trained weights hardly deflate at all (1.1 to 1).
 */
export const MAX_UNQUESTIONED_INFLATED_BYTES = 8 * 2 ** 20;

/** See {@link MAX_UNQUESTIONED_INFLATED_BYTES}. Deflate itself reaches 1032 to 1. */
export const MAX_DEFLATE_RATIO = 20;

/** Bytes asked of a source in one read: large enough for a disk or a server, small enough to abort soon. */
export const READ_BLOCK_BYTES = 4 * 2 ** 20;

/** Bytes of a non-contiguous tensor that are gathered in one pass over its record while streaming rows. */
export const MAX_GATHERED_BYTES = 64 * 2 ** 20;
