import { useEffect, useState } from 'preact/hooks';
import { suitableJobs } from '../../models/evaluation/evaluate-videos.ts';
import type { EvaluationOptions } from '../../models/evaluation/evaluate-videos.ts';
import { BROWSER_STORE } from '../../models/store/browser-store.ts';
import { listModels } from '../../models/store/model-store.ts';
import { readSettings } from '../../utils/browser/settings.ts';
import { chooseModels, completeDetectors, describeTogether } from '../../utils/domain/choose-models.ts';
import type { InstalledModel } from '../../utils/domain/model.ts';

/** One installed network, or all of a detector together. */
export type NetworkChoice = {
  /** The models' ids, joined by `+`. */
  readonly id: string;
  readonly title: string;
  readonly models: readonly InstalledModel[];
};

/** What the user sets for a run; `network` is a {@link NetworkChoice}'s id. */
export type ChosenSettings = Pick<EvaluationOptions, 'framesAsked' | 'sampling' | 'jobs'> & {
  readonly network: string;
};

/** The machine as the browser tells it. https://www.w3.org/TR/device-memory/, which TypeScript does not know. */
export function describeMachine(): { readonly cores: number; readonly memoryGigabytes: number | null } {
  const { hardwareConcurrency, deviceMemory } = navigator as Navigator & { readonly deviceMemory?: number };
  return { cores: hardwareConcurrency, memoryGigabytes: deviceMemory ?? null };
}

/** The installed networks, the one that checks use first; null until they are read. */
export function useNetworks(): readonly NetworkChoice[] | null {
  const [networks, setNetworks] = useState<readonly NetworkChoice[] | null>(null);
  useEffect(() => void readNetworks().then(setNetworks), []);
  return networks;
}

async function readNetworks(): Promise<readonly NetworkChoice[]> {
  const [installed, settings] = await Promise.all([listModels(BROWSER_STORE), readSettings()]);
  const usual = chooseModels(installed, settings.modelId);
  const ready = installed.filter(({ state }) => state === 'ready');
  const choices = [usual, ...completeDetectors(installed), ...ready.map((model) => [model])]
    .filter((models) => models.length > 0)
    .map((models): NetworkChoice => {
      const { modelId, title, dtype } = describeTogether(models);
      return { id: modelId, title: `${title} · ${dtype}`, models };
    });
  return choices.filter(({ id }, index) => choices.findIndex((other) => other.id === id) === index);
}

/** The settings before the user has changed any. */
export function usualSettings({ id, models }: NetworkChoice): ChosenSettings {
  return {
    network: id,
    framesAsked: 15,
    sampling: 'linspace',
    jobs: suitableJobs(models, null, describeMachine()),
  };
}
