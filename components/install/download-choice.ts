import type { InstallItem } from '../../utils/domain/installation.ts';
import { DTYPE_MEANINGS } from './install-words.ts';
import type { InstalledModel } from '../../utils/domain/model.ts';
import type { PartialDownload } from '../../utils/domain/installation.ts';

/** What is known of a published checkpoint before the first byte is fetched, as far as it is shown. */
export type PublishedNetwork = {
  readonly network: InstallItem['network'];
  /** Of the publisher's whole file. */
  readonly byteLength: number;
  readonly fetchedByteLength: number;
  /** What is left on the disk afterwards, for each form that there is. */
  readonly installedByteLength: Readonly<Partial<Record<InstallItem['dtype'], number>>>;
};

/** What suits this computer, and why, in one sentence. */
export type Recommendation = InstallItem & { readonly reason: string };

/** Which networks the user wants, and in which form each. */
export type DownloadChoice = {
  /** Both networks, as in the published results; else ED alone. */
  readonly isFull: boolean;
  readonly forms: Readonly<Record<InstallItem['network'], InstallItem>>;
};

/** In the order in which they are installed: the smaller one can be used before the other is there. */
const NETWORKS = ['ed', 'vae'] as const;

/**
 * What is chosen for the user: the form of a download that was begun, which is what was wanted last; else the one that is
 * installed; else the one that is recommended. Where ED is installed, only the full network adds anything.
 */
export function firstChoice(
  recommendations: Readonly<Record<InstallItem['network'], Recommendation>>,
  partials: readonly PartialDownload[],
  installed: readonly InstalledModel[],
): DownloadChoice {
  const formOf = (network: InstallItem['network']): InstallItem => {
    const { dtype, device } =
      partials.find((partial) => partial.network === network) ??
      publishedOf(installed, network) ??
      recommendations[network];
    return { network, dtype, device };
  };
  return {
    isFull: partials.some(({ network }) => network === 'vae') || publishedOf(installed, 'ed') !== undefined,
    forms: { ed: formOf('ed'), vae: formOf('vae') },
  };
}

/** The choice with one network in another form. */
export function withDtype(
  choice: DownloadChoice,
  network: InstallItem['network'],
  dtype: InstallItem['dtype'],
  recommended: InstallItem['device'],
): DownloadChoice {
  // Integer matrix products have no kernel on WebGPU. Any other form runs on both and follows the computer.
  const device = dtype === 'int8' ? 'wasm' : recommended;
  return { ...choice, forms: { ...choice.forms, [network]: { network, dtype, device } } };
}

/** What is to be installed for a choice: its networks without those that are there in this form already. */
export function itemsOf(
  { isFull, forms }: DownloadChoice,
  installed: readonly InstalledModel[],
): readonly InstallItem[] {
  return NETWORKS.filter((network) => isFull || network === 'ed')
    .map((network) => forms[network])
    .filter(
      ({ network, dtype }) =>
        !installed.some(
          (model) => isOfPublisher(model) && model.networks.includes(network) && model.dtype === dtype,
        ),
    );
}

/** How many bytes a choice costs, over all of its items. */
export type DownloadSizes = {
  readonly fileByteLength: number;
  readonly fetchedByteLength: number;
  readonly installedByteLength: number;
  /** Fetched by an earlier attempt already. */
  readonly doneByteLength: number;
};

export function sizesOf(
  items: readonly InstallItem[],
  published: readonly PublishedNetwork[],
  partials: readonly PartialDownload[],
): DownloadSizes {
  const sum = (byteLengthOf: (item: InstallItem, of: PublishedNetwork) => number): number =>
    items.reduce((total, item) => {
      const of = published.find(({ network }) => network === item.network);
      return of === undefined ? total : total + byteLengthOf(item, of);
    }, 0);
  return {
    fileByteLength: sum((_, { byteLength }) => byteLength),
    fetchedByteLength: sum((_, { fetchedByteLength }) => fetchedByteLength),
    installedByteLength: sum(({ dtype }, { installedByteLength }) => installedByteLength[dtype] ?? 0),
    doneByteLength: partials
      .filter((partial) => items.some((item) => isSameForm(item, partial)))
      .reduce((total, { doneByteLength }) => total + doneByteLength, 0),
  };
}

/** Whether two are the same network in the same form. */
export function isSameForm(a: InstallItem, b: InstallItem): boolean {
  return a.network === b.network && a.dtype === b.dtype && a.device === b.device;
}

/** The latest installed model of a network that has the published weights and is whole. */
function publishedOf(
  installed: readonly InstalledModel[],
  network: InstallItem['network'],
): (InstalledModel & Pick<InstallItem, 'dtype'>) | undefined {
  return installed.find(
    (model): model is InstalledModel & Pick<InstallItem, 'dtype'> =>
      isOfPublisher(model) && model.networks.includes(network) && model.dtype in DTYPE_MEANINGS,
  );
}

function isOfPublisher({ state, provenance, isDemo }: InstalledModel): boolean {
  return state === 'ready' && isPublished(provenance) && !isDemo;
}

/** Whether its bytes are known here to be the publisher's. */
export function isPublished(provenance: InstalledModel['provenance']): boolean {
  return provenance === 'published-download' || provenance === 'published-file';
}
