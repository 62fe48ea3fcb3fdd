import { useEffect, useState } from 'preact/hooks';
import { ask } from '../../utils/browser/messages.ts';
import { readSettings, watchSettings } from '../../utils/browser/settings.ts';
import { chooseModels, describeTogether } from '../../utils/domain/choose-models.ts';
import type { HistorySummary } from '../../utils/domain/history.ts';

type JudgingModel = { readonly modelId: string; readonly installedAt: number };

/** For an entry, whether a model that was installed after its check would judge now. */
export function useIsOlder(): (entry: HistorySummary) => boolean {
  const [judging, setJudging] = useState<JudgingModel | null>(null);
  useEffect(() => {
    const read = (): void => void readJudgingModel().then(setJudging);
    read();
    return watchSettings(read);
  }, []);
  return ({ model, finishedAt }) =>
    judging !== null &&
    model !== null &&
    model.modelId !== judging.modelId &&
    finishedAt < judging.installedAt;
}

/** null where none is installed. */
async function readJudgingModel(): Promise<JudgingModel | null> {
  const [installed, { modelId }] = await Promise.all([ask('background', 'listModels', null), readSettings()]);
  const models = chooseModels(installed, modelId);
  if (models.length === 0) return null;
  return {
    modelId: describeTogether(models).modelId,
    installedAt: Math.max(...models.map(({ installedAt }) => installedAt)),
  };
}
