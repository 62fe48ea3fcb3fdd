import { useState } from 'preact/hooks';
import type { ModelWork } from '../../components/install/model-card.tsx';
import { t } from '../../components/texts.tsx';
import { BROWSER_STORE } from '../../models/store/browser-store.ts';
import { verifyModel } from '../../models/store/model-store.ts';
import { ask } from '../../utils/browser/messages.ts';

export type ModelWorks = {
  readonly of: (modelId: string) => ModelWork | null;
  /** Computes all checksums of its files. */
  readonly verify: (modelId: string) => void;
  /** The self-test, in the host: nowhere else does a network run. */
  readonly test: (modelId: string) => void;
};

/** What is being done with each model. @param changed called when it is done */
export function useModelWork(changed: () => Promise<void>): ModelWorks {
  const [works, setWorks] = useState<ReadonlyMap<string, ModelWork>>(new Map());

  function set(modelId: string, work: ModelWork | null): void {
    setWorks((current) => {
      const next = new Map(current);
      if (work === null) next.delete(modelId);
      else next.set(modelId, work);
      return next;
    });
  }

  async function run(
    modelId: string,
    failure: 'model.checkFailed' | 'model.testFailed',
    work: () => Promise<unknown>,
  ): Promise<void> {
    try {
      await work();
      set(modelId, null);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      set(modelId, { kind: 'failed', message: t(failure, { reason }) });
    }
    await changed();
  }

  return {
    of: (modelId) => works.get(modelId) ?? null,
    verify: (modelId) =>
      void run(modelId, 'model.checkFailed', () =>
        verifyModel(BROWSER_STORE, modelId, (doneByteLength, totalByteLength) =>
          set(modelId, { kind: 'verifying', doneByteLength, totalByteLength }),
        ),
      ),
    test: (modelId) => {
      set(modelId, { kind: 'testing' });
      void run(modelId, 'model.testFailed', async () => {
        await ask('background', 'openHost', null);
        await ask('host', 'testModel', { modelId });
      });
    },
  };
}
