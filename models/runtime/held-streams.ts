/** Streams that ONNX Runtime may be reading. This set keeps them from being collected as garbage. */
const heldStreams = new Set<object>();

/**
 * Returns a copy of a blob that keeps the streams of its parts alive until `letGo`. ONNX Runtime's JSPI build reads
 * external data by `blob.slice(…).stream()` in a suspended WASM stack, and no other reference keeps that stream. If
 * Chromium (seen in 156) collects garbage meanwhile, it collects the stream too, the pending read never settles, and
 * the session is never created. This happened about once in ten loads of 65 MB. (the loader:
 * https://github.com/microsoft/onnxruntime/pull/29477; the same defect in another browser:
 * https://github.com/WebKit/WebKit/pull/54097)
 */
export function holdStreams(source: Blob) {
  const streams: object[] = [];
  // `slice` copies no bytes. The overrides below must not change the caller's own object.
  const blob = source.slice();
  blob.slice = (...range) => {
    const part = source.slice(...range);
    const openStream = part.stream.bind(part);
    part.stream = () => {
      const stream = openStream();
      streams.push(stream);
      heldStreams.add(stream);
      return stream;
    };
    return part;
  };
  return {
    data: blob,
    letGo: (): void => {
      for (const stream of streams) heldStreams.delete(stream);
    },
  };
}
