/**
 * What this reader is willing to take from a file it does not trust. Every limit lies well above what a real
 * checkpoint of this kind needs (the largest, an autoencoder with convnext_large and its optimizer, has about 4,000 tensors
 * and a pickle of 1.5 MB) and low enough that the worst file costs less than a second and 50 MB.
 */

/** Central directory of the zip: {@link MAX_ZIP_ENTRIES} records of an average name take 2 MB. */
export const MAX_ZIP_DIRECTORY_BYTES = 8 * 2 ** 20;

/** Records in the zip: one for each storage ({@link MAX_TENSORS}) and a handful more. */
export const MAX_ZIP_ENTRIES = 20_000;

/** Bytes of one pickle; all five together in the legacy format. Held in memory as a whole. */
export const MAX_PICKLE_BYTES = 4 * 2 ** 20;

/** Opcodes of one pickle: about 50 for each tensor, 160,000 for the largest. Bounds time and the number of objects. */
export const MAX_PICKLE_OPCODES = 250_000;

/** Opcodes of the legacy format's pickles around the object: the numbers and the system's description have about 40. */
export const MAX_LEGACY_HEADER_OPCODES = 1000;

/** Opcodes of the legacy format's list of storages: two for each key, and those of the list. */
export const MAX_LEGACY_KEYS_OPCODES = 40_000;

/** A safetensors header needs about 150 bytes for each tensor. The reader holds the whole header and its objects in memory. */
export const MAX_SAFETENSORS_HEADER_BYTES = 4 * 2 ** 20;

/** Dicts of one pickle (one for each tensor and module): a Map is by far the largest object an opcode can make. */
export const MAX_PICKLE_DICTS = 20_000;

/** Depth of the machine's stack; a dict's items are set in batches of 1000, deep tuples are built without a stack. */
export const MAX_PICKLE_STACK = 100_000;

/** Entries of the memo, as many as there can be values. The memo is a Map, so that a huge index costs nothing. */
export const MAX_PICKLE_MEMO = 250_000;

/**
 * Bytes of one LONG1, which itself could say 255: the magic number has ten, an int64 at most nine. Python's numbers have
 * no end, and turning a long one into a bigint is the slowest thing an opcode could ask for.
 */
export const MAX_PICKLE_LONG_BYTES = 32;

/** UTF-8 bytes of one string. Keys have about 80, a printed configuration some thousands. */
export const MAX_PICKLE_STRING_BYTES = 2 ** 20;

/** Bytes of a module's or class's name in GLOBAL: Python's longest are far shorter. */
export const MAX_PICKLE_LINE_BYTES = 4096;

/** Depth to which lists, tuples and dicts may hold each other: an optimizer's state has five levels. */
export const MAX_NESTING = 1000;

/**
 * Characters of the path that leads to a tensor: a plain state_dict has about 80, an optimizer's state fewer. A short file
 * can repeat one long key above many tensors, and each path is a string of its own.
 */
export const MAX_TENSOR_PATH_CHARACTERS = 1024;

/** Tensors of a checkpoint, the optimizer's included, and storages, of which each tensor has one at most. */
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
