import { expect, test } from 'vitest';
import {
  INITIAL_SCAN_CLIENT,
  mayBeginFrames,
  reduceScanClient,
} from '../../../../entrypoints/content/scan-client-state.ts';
import type { ScanClientEvent, ScanClientState } from '../../../../entrypoints/content/scan-client-state.ts';
import type { HostToContent } from '../../../../utils/domain/frames-port.ts';
import type { ScanState } from '../../../../utils/domain/scan.ts';

const says = (message: HostToContent): ScanClientEvent => ({ kind: 'host-says', message });
const stateIs = (state: ScanState): ScanClientEvent => says({ type: 'state', state, evidence: [] });
const after = (...events: readonly ScanClientEvent[]): ScanClientState =>
  events.reduce(reduceScanClient, INITIAL_SCAN_CLIENT);

test('frames begin once, at the scan’s turn, where the element is the source', () => {
  expect(mayBeginFrames(after())).toBe(false);
  expect(mayBeginFrames(after(stateIs({ kind: 'waiting' })))).toBe(false);
  const atTurn = stateIs({ kind: 'loading-model' });
  expect(mayBeginFrames(after(atTurn))).toBe(true);
  expect(mayBeginFrames(after(says({ type: 'source', source: 'source' }), atTurn))).toBe(false);
  expect(mayBeginFrames(after(atTurn, { kind: 'frames-begun' }))).toBe(false);
});

test('a file that can’t be read gives the turn back to the element', () => {
  const events = [says({ type: 'source', source: 'source' }), stateIs({ kind: 'loading-model' })];
  expect(mayBeginFrames(after(...events, says({ type: 'source', source: 'element' })))).toBe(true);
});

test('after a final state, a cancellation or the page’s end nothing changes', () => {
  for (const end of [
    stateIs({ kind: 'cancelled' }),
    { kind: 'ended', state: { kind: 'cancelled' } },
    { kind: 'abandoned' },
  ] satisfies readonly ScanClientEvent[]) {
    const ended = after(end);
    expect(ended.isOver).toBe(true);
    expect(reduceScanClient(ended, stateIs({ kind: 'loading-model' }))).toBe(ended);
    expect(mayBeginFrames(ended)).toBe(false);
  }
});

test('frames are counted as they are sent', () => {
  expect(after({ kind: 'frame-sent' }, { kind: 'frame-sent' }).framesSent).toBe(2);
});
