import type { ModelDescription } from '../../../models/detectors/model-description.ts';
import type { PublishedCheckpoint } from '../../../models/detectors/detector.ts';
import type { DownloadDeps, DownloadProgress } from '../../../models/store/download/download-model.ts';
import type { FileInstallProgress } from '../../../models/store/install-model.ts';
import type { InstallItem } from '../../../utils/domain/installation.ts';
import type { InstalledModel, WeightDtype } from '../../../utils/domain/model.ts';
import type { PartialDownload } from '../../../utils/domain/installation.ts';

/** How a test downloads: with the sizes of a small network, and without long waits. */
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
      /** Reads no further after the first tensors, so that the test can end the Worker in the middle. */
      readonly stall?: boolean;
      /** Pretends that the browser has this much room. */
      readonly freeByteLength?: number;
    }
  | {
      readonly name: 'download';
      readonly download: TestDownload;
      /** Cancels as soon as this many bytes have come. */
      readonly abortAtByteLength?: number;
      readonly freeByteLength?: number;
      /** The disk is full when the shard with this number is to be written. */
      readonly fillsUpAtShard?: number;
    }
  | { readonly name: 'partials' }
  | { readonly name: 'discardPartial'; readonly item: InstallItem }
  /** Imports the files at these addresses, each under its name. */
  | { readonly name: 'import'; readonly files: readonly { readonly path: string; readonly url: string }[] }
  | { readonly name: 'verify'; readonly modelId: string }
  /** Flips one bit of a model's file, without the store. */
  | { readonly name: 'damage'; readonly path: string }
  | { readonly name: 'list' }
  /** Reports the checksums of the files on the disk. */
  | { readonly name: 'open'; readonly modelId: string }
  | { readonly name: 'setAside' | 'restore'; readonly modelId: string }
  | { readonly name: 'purge' }
  | { readonly name: 'measureLeftovers' | 'freeLeftovers' }
  /** Counts the store's folders, whether they hold a model or not. */
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
