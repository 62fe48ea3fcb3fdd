import { expect, test } from 'vitest';
import {
  automaticOutcome,
  decideOnEvent,
  decideOnRequest,
} from '../../../../entrypoints/content/check-policy.ts';
import type { CheckStatus } from '../../../../entrypoints/content/check-policy.ts';

const RUNNING: CheckStatus = { manner: 'by-hand', shown: { kind: 'loading-model' } };
const ENDED: CheckStatus = { manner: 'by-hand', shown: { kind: 'cancelled' } };
const UNSEEN: CheckStatus = { manner: 'automatic', shown: null };
const QUIET: CheckStatus = { manner: 'automatic', shown: { kind: 'cancelled' } };

test.each([
  ['by-hand', null, 'start'],
  ['by-hand', RUNNING, 'open-badge'],
  ['by-hand', ENDED, 'scan-again'],
  ['by-hand', UNSEEN, 'replace'],
  ['by-hand', QUIET, 'replace'],
  ['automatic', null, 'start'],
  ['automatic', RUNNING, 'refuse'],
  ['automatic', ENDED, 'refuse'],
  ['automatic', UNSEEN, 'replace'],
  ['automatic', QUIET, 'replace'],
] as const)('a check %s is asked for on a video with %o: %s', (manner, present, decision) => {
  expect(decideOnRequest(manner, present)).toBe(decision);
});

test.each([
  ['video-replaced', RUNNING, 'keep'],
  ['video-replaced', ENDED, 'end'],
  ['video-replaced', UNSEEN, 'end'],
  ['video-replaced', QUIET, 'end'],
  ['page-left', RUNNING, 'cancel-scan'],
  ['page-left', ENDED, 'cancel-scan'],
  ['page-left', UNSEEN, 'end-for-now'],
  ['page-left', QUIET, 'keep'],
  ['badge-dismissed', RUNNING, 'end'],
  ['badge-dismissed', QUIET, 'end'],
  ['video-removed', ENDED, 'end'],
  ['video-removed', QUIET, 'end-for-now'],
] as const)('at %s a check %o: %s', (event, check, decision) => {
  expect(decideOnEvent(check, event)).toBe(decision);
});

test.each([
  ['model-invalid', 'done'],
  ['internal', 'done'],
  ['host-lost', 'failed'],
  ['video-gone', 'failed'],
] as const)('an automatic check that failed with %s shows nothing, and is %s', (code, outcome) => {
  expect(automaticOutcome({ kind: 'failed', code, message: '' })).toBe(outcome);
});
