import type { ModelDescription } from '../../../models/detectors/model-description.ts';
import type { PublishedCheckpoint } from '../../../models/detectors/detector.ts';
import type { DownloadDeps, DownloadProgress } from '../../../models/store/download/download-model.ts';
import type { FileInstallProgress } from '../../../models/store/install-model.ts';
import type { InstallItem } from '../../../utils/domain/installation.ts';
import type { InstalledModel, WeightDtype } from '../../../utils/domain/model.ts';
import type { PartialDownload } from '../../../utils/domain/installation.ts';

/** How a download is made in a test: the sizes of a small network, and no long waits. */
export type TestDownload = {
  readonly checkpoint: PublishedCheckpoint;
  readonly item: InstallItem;
} & Pick<DownloadDeps, 'conversion' | 'readAhead' | 'stallMilliseconds' | 'delayScale'>;

export type StoreRequest =
  | {
      readonly name: 'install';
      readonly checkpointUrl: string;
      readonly dtype: WeightDtype;
      /** Aborts at the first progress of this phase. */
      readonly abortAt?: FileInstallProgress['phase'];
      /** Never goes on after the first tensor, so that the Worker can be ended in the middle. */
      readonly stall?: boolean;
      /** Pretends that the browser has this much room. */
      readonly freeByteLength?: number;
    }
  | {
      readonly name: 'download';
      readonly download: TestDownload;
      /** Cancels as soon as so many bytes are there. */
      readonly abortAtByteLength?: number;
      readonly freeByteLength?: number;
      /** The disk is full when the shard of this number is to be written. */
      readonly fillsUpAtShard?: number;
    }
  | { readonly name: 'partials' }
  | { readonly name: 'discardPartial'; readonly item: InstallItem }
  /** From files at addresses, each with its name. */
  | { readonly name: 'import'; readonly files: readonly { readonly path: string; readonly url: string }[] }
  | { readonly name: 'verify'; readonly modelId: string }
  /** Turns one bit of a file of a model over, behind the store's back. */
  | { readonly name: 'damage'; readonly path: string }
  | { readonly name: 'list' }
  /** The checksums of the files as they lie on the disk. */
  | { readonly name: 'open'; readonly modelId: string }
  | { readonly name: 'setAside' | 'restore'; readonly modelId: string }
  | { readonly name: 'purge' }
  | { readonly name: 'measureLeftovers' | 'freeLeftovers' }
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
      readonly progress?: readonly FileInstallProgress[];
      readonly downloadProgress?: readonly DownloadProgress[];
      readonly models?: readonly InstalledModel[];
      readonly partials?: readonly PartialDownload[];
      readonly opened?: OpenedModel;
      readonly folderCount?: number;
      readonly byteLength?: number;
    }
  | {
      readonly ok: false;
      readonly name: string;
      readonly code: string | null;
      readonly message: string;
      readonly downloadProgress?: readonly DownloadProgress[];
    };
