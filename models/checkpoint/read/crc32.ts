/**
 * CRC-32 as zip uses it (ISO 3309, reflected polynomial 0xEDB88320), sixteen bytes a step ("slicing by 16").
 * As fast as hash-wasm's (both 2.1 GiB/s in Node 22 on the development machine), but synchronous and without a WASM
 * instance, so a checksum is a number that is passed along.
 */
const SLICES = 16;
const TABLES = createTables();

function createTables(): Int32Array {
  const tables = new Int32Array(256 * SLICES);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    tables[byte] = crc;
  }
  for (let index = 256; index < tables.length; index++) {
    const previous = tables[index - 256]!;
    tables[index] = (previous >>> 8) ^ tables[previous & 0xff]!;
  }
  return tables;
}

/**
 * The CRC-32 of `bytes`. With the CRC-32 of the bytes before as `previous`, the CRC-32 of both together.
 * @returns an unsigned 32-bit number
 */
export function crc32(bytes: Uint8Array, previous = 0): number {
  const tables = TABLES;
  let crc = ~previous;
  let index = 0;
  const step = (end: number): void => {
    for (; index < end; index++) {
      crc = tables[(crc ^ bytes[index]!) & 0xff]! ^ (crc >>> 8);
    }
  };
  step(Math.min(bytes.length, -bytes.byteOffset & 3));
  // Words are in the machine's order: little-endian, as on every machine that runs WebAssembly. Few bytes may not reach
  // an aligned address, and are summed one by one.
  const wordsEnd = ((bytes.length - index) >>> 4) * 4;
  const words =
    wordsEnd > 0 ? new Int32Array(bytes.buffer, bytes.byteOffset + index, wordsEnd) : new Int32Array(0);
  for (let word = 0; word < wordsEnd; word += 4) {
    const a = words[word]! ^ crc;
    const b = words[word + 1]!;
    const c = words[word + 2]!;
    const d = words[word + 3]!;
    crc =
      tables[3840 + (a & 0xff)]! ^
      tables[3584 + ((a >>> 8) & 0xff)]! ^
      tables[3328 + ((a >>> 16) & 0xff)]! ^
      tables[3072 + (a >>> 24)]! ^
      tables[2816 + (b & 0xff)]! ^
      tables[2560 + ((b >>> 8) & 0xff)]! ^
      tables[2304 + ((b >>> 16) & 0xff)]! ^
      tables[2048 + (b >>> 24)]! ^
      tables[1792 + (c & 0xff)]! ^
      tables[1536 + ((c >>> 8) & 0xff)]! ^
      tables[1280 + ((c >>> 16) & 0xff)]! ^
      tables[1024 + (c >>> 24)]! ^
      tables[768 + (d & 0xff)]! ^
      tables[512 + ((d >>> 8) & 0xff)]! ^
      tables[256 + ((d >>> 16) & 0xff)]! ^
      tables[d >>> 24]!;
  }
  index += wordsEnd * 4;
  step(bytes.length);
  return ~crc >>> 0;
}
