/**
 * Writes the protocol buffer wire format (https://protobuf.dev/programming-guides/encoding/): just the wire
 * types that onnx.proto uses. Messages are built inside out: a nested message is finished before its length
 * is known to the outer one, so each `message` call collects into its own buffer.
 */
export type ProtobufWriter = {
  /** int32, int64 and enum fields: a varint, two's complement over 64 bits when negative. */
  readonly varint: (field: number, value: number | bigint) => void;
  /** A 32-bit IEEE 754 number. */
  readonly float: (field: number, value: number) => void;
  readonly bytes: (field: number, value: Uint8Array) => void;
  readonly string: (field: number, value: string) => void;
  /** repeated int64, packed as proto3 does. */
  readonly packedVarints: (field: number, values: readonly (number | bigint)[]) => void;
  /** A nested message, written by `build` on a writer of its own. */
  readonly message: (field: number, build: (writer: ProtobufWriter) => void) => void;
  readonly finish: () => Uint8Array<ArrayBuffer>;
};

const WIRE_VARINT = 0;
const WIRE_LENGTH_DELIMITED = 2;
const WIRE_FIXED32 = 5;
const UTF8 = new TextEncoder();

/** An empty writer; fields appear in the order in which they are written. */
export function createProtobufWriter(): ProtobufWriter {
  // Graphs without their weights are some tens of kilobytes: chunks in a list are fast enough and never copied twice.
  const chunks: Uint8Array[] = [];
  let byteLength = 0;

  function push(chunk: Uint8Array): void {
    chunks.push(chunk);
    byteLength += chunk.byteLength;
  }
  function tag(field: number, wireType: number): void {
    push(encodeVarint((field << 3) | wireType));
  }
  function delimited(field: number, payload: Uint8Array): void {
    tag(field, WIRE_LENGTH_DELIMITED);
    push(encodeVarint(payload.byteLength));
    push(payload);
  }

  return {
    varint: (field, value) => {
      tag(field, WIRE_VARINT);
      push(encodeVarint(value));
    },
    float: (field, value) => {
      tag(field, WIRE_FIXED32);
      push(float32Bytes(value));
    },
    bytes: delimited,
    string: (field, value) => {
      delimited(field, UTF8.encode(value));
    },
    packedVarints: (field, values) => {
      delimited(field, concatBytes(values.map(encodeVarint)));
    },
    message: (field, build) => {
      const inner = createProtobufWriter();
      build(inner);
      delimited(field, inner.finish());
    },
    finish: () => concatBytes(chunks, byteLength),
  };
}

function encodeVarint(value: number | bigint): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  // At most ten rounds: 64 bits in groups of seven.
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

function float32Bytes(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return bytes;
}

function concatBytes(
  chunks: readonly Uint8Array[],
  byteLength = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0),
): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(byteLength);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return all;
}
