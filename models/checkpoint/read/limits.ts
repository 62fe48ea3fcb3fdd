/**
 * The limits of what this reader takes from a file that it does not trust. Each limit lies well above the needs of a
 * real checkpoint of this kind (the largest, an autoencoder with convnext_large and its optimizer, has about 4,000
 * tensors and a pickle of 1.5 MB) and low enough that the worst file costs less than a second and 50 MB.
 */

/** Bytes of the zip's central directory: {@link MAX_ZIP_ENTRIES} records of an average name take 2 MB. */
export const MAX_ZIP_DIRECTORY_BYTES = 8 * 2 ** 20;

/** Records in the zip: one for each storage ({@link MAX_TENSORS}) and a few more. */
export const MAX_ZIP_ENTRIES = 20_000;

/** Bytes of one pickle, or of all five in the legacy format. They are held in memory as a whole. */
export const MAX_PICKLE_BYTES = 4 * 2 ** 20;

/**
 * Opcodes of one pickle: about 50 for each tensor, 160,000 for the largest. The limit bounds the time and the number of
 * objects.
 */
export const MAX_PICKLE_OPCODES = 250_000;

/**
 * Opcodes of the legacy format's small pickles before the object (numbers, description of the system): they have about
 * 40.
 */
export const MAX_LEGACY_HEADER_OPCODES = 1000;

/** Opcodes of the legacy format's list of storages: two for each key, and a few for the list itself. */
export const MAX_LEGACY_KEYS_OPCODES = 40_000;

/** A safetensors header needs about 150 bytes for each tensor. The reader holds the whole header and its objects in memory. */
export const MAX_SAFETENSORS_HEADER_BYTES = 4 * 2 ** 20;

/** Dicts of one pickle (one for each tensor and module): a Map is by far the largest object that an opcode can make. */
export const MAX_PICKLE_DICTS = 20_000;

/**
 * Depth of the pickle machine's stack: a dict's items are set in batches of 1000, and deep tuples are built without a
 * stack.
 */
export const MAX_PICKLE_STACK = 100_000;

/** Entries of the memo, as many as there can be values. The memo is a Map, so that a huge index costs nothing. */
export const MAX_PICKLE_MEMO = 250_000;

/**
 * Bytes of one LONG1, whose own field could say 255. The magic number has ten bytes, an int64 at most nine. Python's
 * integers have no upper bound, and the conversion of a long one to a bigint is the slowest work that an opcode could
 * ask for.
 */
export const MAX_PICKLE_LONG_BYTES = 32;

/** UTF-8 bytes of one string. Keys have about 80; a printed configuration has some thousands. */
export const MAX_PICKLE_STRING_BYTES = 2 ** 20;

/** Bytes of a module's or class's name in GLOBAL: Python's longest are far shorter. */
export const MAX_PICKLE_LINE_BYTES = 4096;

/** Levels to which lists, tuples and dicts may be nested: an optimizer's state has five. */
export const MAX_NESTING = 1000;

/**
 * Characters of the path that leads to a tensor: a plain state_dict has about 80, an optimizer's state fewer. A short file
 * can repeat one long key above many tensors, and each path is a string of its own.
 */
export const MAX_TENSOR_PATH_CHARACTERS = 1024;

/**
 * Tensors of a checkpoint, the optimizer's included. It limits the storages as well, since each tensor has at most one.
 */
export const MAX_TENSORS = 16_384;

/** Dimensions of a tensor; the reference has at most 4 and PyTorch itself stops at 64. */
export const MAX_TENSOR_DIMS = 8;

/**
 * Elements of a view that has more elements than its storage (an expanded tensor, stride 0). Without a limit sixteen
 * bytes on disk could ask for any amount of memory; no weight of a network is stored this way.
 */
export const MAX_EXPANDED_ELEMENTS = 2 ** 20;

/**
 * A deflated record may claim this size without a further check. A larger claim may be at most {@link
 * MAX_DEFLATE_RATIO} times the compressed size. Trained weights hardly deflate at all (1.1 to 1).
 */
export const MAX_UNQUESTIONED_INFLATED_BYTES = 8 * 2 ** 20;

/** See {@link MAX_UNQUESTIONED_INFLATED_BYTES}. Deflate itself reaches 1032 to 1. */
export const MAX_DEFLATE_RATIO = 20;

/** Bytes asked of a source in one read: large enough for a disk or a server, small enough to abort soon. */
export const READ_BLOCK_BYTES = 4 * 2 ** 20;

/** Bytes of a non-contiguous tensor that one pass over its record gathers while rows are streamed. */
export const MAX_GATHERED_BYTES = 64 * 2 ** 20;
