import { REGISTRY } from '../detectors/registry.ts';
import { OPFS_BACKEND } from './backends/opfs.ts';
import { readSelfTests } from './device-checks.ts';
import type { ModelStore } from './model-store.ts';

/** The extension's models. */
export const BROWSER_STORE: ModelStore = { backend: OPFS_BACKEND, registry: REGISTRY, readSelfTests };
