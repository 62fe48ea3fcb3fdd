import type { ModelDescription } from '../../../models/genconvit/model-description.ts';
import type { WeightDtype } from '../../../models/genconvit/conversion-options.ts';
import type { InstallProgress } from '../../../models/store/install-model.ts';
import type { InstalledModel } from '../../../utils/protocol.ts';

export type StoreRequest =
  | {
      readonly name: 'install';
      readonly checkpointUrl: string;
      readonly dtype: WeightDtype;
      /** Aborts at the first progress of this phase. */
      readonly abortAt?: InstallProgress['phase'];
      /** Never goes on after the first tensor, so that the Worker can be ended in the middle. */
      readonly stall?: boolean;
      /** Pretends that the browser has this much room. */
      readonly freeByteLength?: number;
    }
  | { readonly name: 'list' }
  /** The checksums of the files as they lie on the disk. */
  | { readonly name: 'open'; readonly modelId: string }
  | { readonly name: 'delete'; readonly modelId: string }
  /** Folders of the store, models or not. */
  | { readonly name: 'countFolders' };

export type OpenedModel = {
  readonly description: ModelDescription;
  readonly sha256: Readonly<Record<string, string>>;
};

export type StoreReply =
  | {
      readonly ok: true;
      readonly installed?: InstalledModel;
      readonly progress?: readonly InstallProgress[];
      readonly models?: readonly InstalledModel[];
      readonly opened?: OpenedModel;
      readonly folderCount?: number;
    }
  | { readonly ok: false; readonly name: string; readonly code: string | null; readonly message: string };
