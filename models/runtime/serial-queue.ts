const lastByOwner = new WeakMap<object, Promise<unknown>>();

/**
 * Starts `work` when everything queued earlier for `owner` has settled. A failed job does not stop the next.
 *
 * ONNX Runtime's WebGPU builds suspend one WASM stack (asyncify or JSPI), which two calls must not share:
 * neither two runs, nor a run while another session is being created.
 */
export function inTurn<T>(owner: object, work: () => Promise<T>): Promise<T> {
  const result = (lastByOwner.get(owner) ?? Promise.resolve()).then(work);
  // The caller gets the rejection through `result`; the queue itself only waits.
  lastByOwner.set(
    owner,
    result.catch(() => undefined),
  );
  return result;
}
