import { expect, test } from 'vitest';
import { modelName } from '../../../components/install/model-label.ts';
import { provenanceWords } from '../../../components/install/model-card.tsx';
import {
  deviceReason,
  deviceTestWords,
  selfTestSentence,
} from '../../../components/install/self-test-words.ts';
import { selfTest } from '../../fixtures/installs/installs.ts';
import { DEMO_MODEL, ED_MODEL, installedModel } from '../../fixtures/scans/scans.ts';

const PASSED = { kind: 'passed', millisecondsPerFace: 45 } as const;

test('calls a network published only if it was shown to be', () => {
  const model = {
    ...installedModel(ED_MODEL, 0),
    sourceRevision: '32d6e9e3c931a37971cc756da706cf1eef643372',
  };
  expect(provenanceWords({ ...model, provenance: 'published-download' })).toBe(
    'Published checkpoint, downloaded from Hugging Face, revision 32d6e9e; each part checked against the publisher’s directory',
  );
  expect(provenanceWords({ ...model, provenance: 'published-file' })).toBe(
    'The published file, checked by its SHA-256',
  );
  expect(provenanceWords({ ...model, provenance: 'published-folder' })).toBe(
    'The weights of the published file, checked by their SHA-256',
  );
  expect(provenanceWords({ ...model, provenance: 'other-file' })).toBe('Not the published checkpoint');
  expect(provenanceWords({ ...model, provenance: 'converted-folder' })).toBe(
    'From a converted folder; its checkpoint was not seen here',
  );
  expect(provenanceWords(installedModel(DEMO_MODEL, 0))).toContain('made-up');
});

test('gives weights from elsewhere no published name', () => {
  expect(modelName(ED_MODEL)).toBe('GenConViT ED');
  expect(modelName({ ...ED_MODEL, isForeign: true })).toBe('GenConViT ED (weights from elsewhere)');
});

test.each([
  [45.4, '45 ms a face'],
  [0.2, '1 ms a face'],
  [312, '0.31 s a face'],
  [994, '0.99 s a face'],
  [1240, '1.2 s a face'],
])('%d ms are %s', (millisecondsPerFace, words) => {
  expect(deviceTestWords({ kind: 'passed', millisecondsPerFace })).toBe(words);
});

test('says where a network runs, how fast, and why there', () => {
  expect(selfTestSentence(selfTest())).toBe(
    'It was tested here and works. It runs on the processor, 0.31 s a face, since the browser offers no graphics card here.',
  );
  expect(selfTestSentence(selfTest({ webgpu: PASSED, device: 'webgpu' }))).toBe(
    'It was tested here and works. It runs on the graphics card, 45 ms a face.',
  );
  expect(deviceReason(selfTest({ webgpu: { kind: 'failed', reason: 'logits differ' } }))).toContain(
    'computes something else',
  );
});

test('does not say that a network works if it is wrong on every device', () => {
  const failed = { kind: 'failed', reason: 'logits differ' } as const;
  const test = selfTest({ wasm: failed, webgpu: failed, device: null });
  expect(selfTestSentence(test)).not.toContain('works');
  expect(deviceReason(test)).toContain('Nowhere');
  expect(deviceTestWords(failed)).toBe('failed: logits differ');
});
