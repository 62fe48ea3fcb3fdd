import type { DetectorErrorCode } from './errors.ts';

/** A published network in the form in which it is to be installed. */
export type InstallItem = {
  readonly network: 'ed' | 'vae';
  readonly dtype: 'fp32' | 'fp16' | 'int8' | 'int4';
  /** Which execution provider the graph is shaped for; either form runs on both. */
  readonly device: 'wasm' | 'webgpu';
};

/** What is to be installed, and from where. */
export type InstallRequest =
  /** From the publisher, one after the other. What an earlier attempt has finished is not fetched again. */
  | { readonly kind: 'download'; readonly items: readonly InstallItem[] }
  /** A `.pth` file from the disk; `dtype: null` for the form that suits its network and this computer. */
  | {
      readonly kind: 'checkpoint-file';
      readonly file: File;
      readonly dtype: InstallItem['dtype'] | null;
    }
  /** A folder that `npm run convert` has made: all of its files. */
  | { readonly kind: 'model-folder'; readonly files: readonly File[] };

/** Why a download stands still for a moment. */
export type DownloadWait = {
  /** `offline`: the computer has no network. `busy`: the publisher asked to wait. `broken`: an answer broke off. */
  readonly reason: 'offline' | 'busy' | 'broken';
  /** Milliseconds since the epoch; offline it goes on as soon as the network is back. */
  readonly until: number;
};

/** How many bytes of how many, and how fast; null before that can be said. */
export type InstallProgress = {
  readonly doneByteLength: number;
  readonly totalByteLength: number;
  readonly bytesPerSecond: number | null;
};

/** The one installation of the extension, from the request to its end. The last four are final. */
export type InstallationState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'preparing'; readonly title: string }
  /** Fetched and converted at the same time; `step` of `steps` networks, from 1. */
  | {
      readonly kind: 'downloading';
      readonly network: InstallItem['network'];
      readonly step: number;
      readonly steps: number;
      readonly progress: InstallProgress;
      readonly wait: DownloadWait | null;
    }
  /** From the disk. `checking` computes checksums. */
  | {
      readonly kind: 'converting' | 'checking' | 'copying';
      readonly title: string;
      readonly progress: InstallProgress;
    }
  /** A fixed picture through the network, on every device that there is. */
  | { readonly kind: 'testing'; readonly network: InstallItem['network'] }
  | { readonly kind: 'installed'; readonly modelIds: readonly string[] }
  /** What a download has finished stays, and the next attempt goes on from there. */
  | { readonly kind: 'cancelled' }
  | {
      readonly kind: 'failed';
      readonly code: DetectorErrorCode;
      readonly message: string;
      /** What was asked for, where asking again can help without choosing anything anew. */
      readonly items: readonly InstallItem[];
    };

/** Whether something is being installed right now. */
export function isInstalling({ kind }: InstallationState): boolean {
  return kind !== 'idle' && kind !== 'installed' && kind !== 'cancelled' && kind !== 'failed';
}

/** What an installation that has just been asked for is called before anything else is known of it. */
export function installationTitle(request: InstallRequest): string {
  switch (request.kind) {
    case 'download':
      return 'GenConViT';
    case 'checkpoint-file':
      return request.file.name;
    case 'model-folder':
      return 'the folder';
  }
}

/** A download that was begun and can be continued. */
export type PartialDownload = InstallItem & {
  readonly fileName: string;
  /** Of what an installation fetches. */
  readonly doneByteLength: number;
  readonly totalByteLength: number;
  /** What it takes up on the disk. */
  readonly storedByteLength: number;
  /** Milliseconds since the epoch. */
  readonly updatedAt: number;
};
