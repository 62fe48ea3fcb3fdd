import { describe, expect, it } from 'vitest';
import { createBytesSource } from '../../../../fixtures/checkpoints/bytes-source.ts';
import { type Checkpoint, openCheckpoint } from '../../../../../models/checkpoint/read/checkpoint.ts';
import {
  countingFloats,
  orderedDict,
  sampleStateDict,
  tensorOf,
} from '../../../../fixtures/checkpoints/sample-checkpoints.ts';
import {
  type ObjectToWrite,
  checkpointBytes,
  legacyCheckpointBytes,
  wrapStateDict,
} from '../../../../fixtures/checkpoints/torch-writer.ts';

async function open(object: ObjectToWrite): Promise<Checkpoint> {
  return await openCheckpoint(createBytesSource(checkpointBytes(object), 'test.pth'));
}

function weight(): ObjectToWrite {
  return tensorOf(countingFloats(2), [2]);
}

describe('stateDict', () => {
  it.each(['plain', 'state_dict', 'train'] as const)(
    'is the same from a %s file, in both formats',
    async (wrapping) => {
      const expected = [...(await open(sampleStateDict())).stateDict().keys()];
      const object = wrapStateDict(sampleStateDict(), wrapping);
      expect([...(await open(object)).stateDict().keys()]).toEqual(expected);
      const legacy = await openCheckpoint(createBytesSource(legacyCheckpointBytes(object), 'test.pth'));
      expect([...legacy.stateDict().keys()]).toEqual(expected);
    },
  );

  it('is found under model_state_dict', async () => {
    const checkpoint = await open(new Map([['model_state_dict', orderedDict({ w: weight() })]]));
    expect([...checkpoint.stateDict().keys()]).toEqual(['w']);
  });

  it('takes off the prefix of DataParallel when every key has it', async () => {
    const checkpoint = await open(orderedDict({ 'module.a': weight(), 'module.b': weight() }));
    expect([...checkpoint.stateDict().keys()]).toEqual(['a', 'b']);
  });

  it.each<[string, RegExp, () => ObjectToWrite]>([
    [
      'some keys with a prefix',
      /"module.a" begins with "module.", but 1 of 2 keys do not/,
      () => orderedDict({ 'module.a': weight(), b: weight() }),
    ],
    [
      'two candidates',
      /both state_dict and model_state_dict are there/,
      () =>
        new Map([
          ['state_dict', orderedDict({})],
          ['model_state_dict', orderedDict({})],
        ]),
    ],
    ['a list', /expected a state_dict, found a list/, () => [weight()]],
    [
      'something else among the tensors',
      /found 3 under "epoch"/,
      () =>
        new Map<string, ObjectToWrite>([
          ['epoch', 3],
          ['w', weight()],
        ]),
    ],
    ['no tensors', /the state_dict is empty/, () => new Map([['state_dict', orderedDict({})]])],
    ['keys that are no names', /under 1/, () => new Map([[1, weight()]])],
  ])('is a clear error with %s', async (_what, message, object) => {
    const checkpoint = await open(object());
    expect(() => checkpoint.stateDict()).toThrow(message);
    expect(() => checkpoint.stateDict()).toThrow(
      expect.objectContaining({ code: 'checkpoint-unsupported' }) as Error,
    );
  });
});
