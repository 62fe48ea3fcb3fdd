/** Verdicts as JavaScript source: a quiet badge shows the first as its icon, and the second with its words. */
export const QUIET_VERDICT = `{ kind: 'refused', reason: 'no-face', framesScanned: 5, framesAsked: 15 }`;
export const LOUD_VERDICT = `{ kind: 'likely-manipulated', score: 0.9, decidingPersonId: 1, doubts: [],
  framesUsed: 15, framesScanned: 15, framesAsked: 15, pooledScore: 0.9, people: [] }`;

/** Source of a report with this verdict. */
export const reportSource = (verdict: string): string => `{
  version: 3, verdict: ${verdict}, bands: { noManipulationUpTo: 0.3, likelyManipulatedFrom: 0.7 },
  frameScores: [], origin: null, timings: null,
  quality: { bitsPerPixel: null, peopleCount: null, largestSidePixels: null, decidingPerson: null },
  used: { source: null, screenScale: null, model: null, noiseSeed: null, appVersion: null, browser: null, settings: null },
}`;

/** Source that gives each video of the page the badge of a verdict that the host remembers. */
export const showRemembered = (verdict: string): string => `void (() => {
  const { sendMessage } = browser.runtime;
  const state = { kind: 'finished', report: ${reportSource(verdict)} };
  const value = { kind: 'remembered', scanId: '0'.repeat(32), state };
  browser.runtime.sendMessage = (message) =>
    message.name === 'beginAutomatic' ? Promise.resolve({ ok: true, value }) : sendMessage(message);
  for (const video of document.querySelectorAll('video')) trueFrame.automatic.start(video, () => undefined);
})()`;
