/** More threads than this gain nothing on these networks. */
const MAX_THREADS = 4;

/** How many threads a network runs on in WebAssembly: one core is left to the page that plays the video. */
export function threadCount(hardwareConcurrency: number): number {
  return Math.min(MAX_THREADS, Math.max(1, hardwareConcurrency - 1));
}
