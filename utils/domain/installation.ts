import type { DetectorErrorCode } from './errors.ts';
import type { DetectorInfo, GraphDevice, InstalledModel, WeightDtype } from './model.ts';

/** A published network in the form in which it is to be installed. */
export type InstallItem = {
  /** Id of the detector, and of one of its networks. */
  readonly detector: string;
  readonly network: string;
  readonly dtype: WeightDtype;
  /** The execution provider that the graph is made for. Each form runs on both. */
  readonly device: GraphDevice;
};

/** Whether two are the same network in the same form. */
export function isSameItem(a: InstallItem, b: InstallItem): boolean {
  return a.detector === b.detector && a.network === b.network && a.dtype === b.dtype && a.device === b.device;
}

/** The publisher of checkpoints. The user reads this before anything is fetched. */
export type Publisher = {
  readonly name: string;
  readonly repositoryUrl: string;
  readonly licence: { readonly name: string; readonly url: string };
  /** Match patterns of the hosts that a download touches: the publisher's, and those to which it redirects. */
  readonly hostPermissions: readonly string[];
};

/** Why a form suits this computer. */
export type RecommendationReason =
  | 'smallest-fits-graphics-card'
  | 'integers-without-graphics-card'
  | 'little-room'
  | 'half-size-on-graphics-card'
  | 'half-size-on-processor';

/** The form that suits this computer, and the reason. */
export type Recommendation = Pick<InstallItem, 'dtype' | 'device'> & {
  readonly reason: RecommendationReason;
};

/** One published network, with the facts of its file that are known before the download. */
export type OfferedNetwork = {
  readonly id: string;
  readonly name: string;
  /** Length of the publisher's whole file. */
  readonly byteLength: number;
  readonly fetchedByteLength: number;
  /** The size on the disk after the installation, for each form that the network has. */
  readonly installedByteLength: Readonly<Partial<Record<WeightDtype, number>>>;
  readonly recommended: Recommendation;
};

/** A detector that can be downloaded. */
export type DetectorOffer = {
  readonly detector: DetectorInfo;
  readonly authors: string;
  readonly publisher: Publisher;
  /** In the order in which they are installed; the first one can judge alone. */
  readonly networks: readonly OfferedNetwork[];
};

/** Names of the detectors that are offered. */
export function detectorNames(offers: readonly DetectorOffer[]): string {
  return offers.map(({ detector }) => detector.name).join(', ');
}

/** What to install, and from where. */
export type InstallRequest =
  /** From the publisher, one item after the other. Bytes of an earlier attempt are not fetched again. */
  | { readonly kind: 'download'; readonly title: string; readonly items: readonly InstallItem[] }
  /** A `.pth` file from the disk; `dtype: null` for the form that suits its network and this computer. */
  | {
      readonly kind: 'checkpoint-file';
      readonly file: File;
      readonly dtype: WeightDtype | null;
    }
  /** A folder that `npm run convert` has made: all of its files. */
  | { readonly kind: 'model-folder'; readonly files: readonly File[] };

/** Why a download pauses. */
export type DownloadWait = {
  /** `offline`: the computer has no network. `busy`: the publisher asked to wait. `broken`: an answer broke off. */
  readonly reason: 'offline' | 'busy' | 'broken';
  /** Milliseconds since the epoch. An offline download continues as soon as the network is back. */
  readonly until: number;
};

/** The bytes done and in all. `bytesPerSecond` is null before the speed is known. */
export type InstallProgress = {
  readonly doneByteLength: number;
  readonly totalByteLength: number;
  readonly bytesPerSecond: number | null;
};

/** The extension's one installation. `installed`, `cancelled` and `failed` are final. */
export type InstallationState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'preparing'; readonly title: string }
  /** A network is fetched and converted at the same time. `step` counts the `steps` networks from 1. */
  | {
      readonly kind: 'downloading';
      readonly title: string;
      readonly step: number;
      readonly steps: number;
      readonly progress: InstallProgress;
      readonly wait: DownloadWait | null;
    }
  /** The source is on the disk. `checking` computes checksums. */
  | {
      readonly kind: 'converting' | 'checking' | 'copying';
      readonly title: string;
      readonly progress: InstallProgress;
    }
  /** The self-test: the network judges a fixed picture on each device. */
  | { readonly kind: 'testing'; readonly title: string }
  | { readonly kind: 'installed'; readonly modelIds: readonly string[] }
  /** The fetched bytes stay, and the next attempt continues from there. */
  | { readonly kind: 'cancelled' }
  | {
      readonly kind: 'failed';
      readonly code: DetectorErrorCode;
      readonly message: string;
      /** The requested items, if the same request can succeed later; else empty. */
      readonly items: readonly InstallItem[];
    };

/** Whether something is being installed right now. */
export function isInstalling({ kind }: InstallationState): boolean {
  return kind !== 'idle' && kind !== 'installed' && kind !== 'cancelled' && kind !== 'failed';
}

/** The title of an installation that was just requested; empty for a folder. */
export function installationTitle(request: InstallRequest): string {
  if (request.kind === 'download') return request.title;
  return request.kind === 'checkpoint-file' ? request.file.name : '';
}

/** A download that was begun and can be continued. */
export type PartialDownload = InstallItem & {
  readonly detectorName: string;
  /** Names of the detector and of the network. */
  readonly title: string;
  readonly fileName: string;
  /** The bytes fetched so far, of those that the installation fetches. */
  readonly doneByteLength: number;
  readonly totalByteLength: number;
  /** Bytes that the download takes on the disk. */
  readonly storedByteLength: number;
  /** Milliseconds since the epoch. */
  readonly updatedAt: number;
};

/** The content of the model store, and the detectors that this computer can download. */
export type StoreOverview = {
  /** Latest first; invalid ones too. */
  readonly models: readonly InstalledModel[];
  readonly partials: readonly PartialDownload[];
  /** Bytes of files that no model and no download uses. */
  readonly leftoverByteLength: number;
  readonly offers: readonly DetectorOffer[];
};
