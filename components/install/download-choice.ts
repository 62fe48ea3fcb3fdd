import { isSameItem } from '../../utils/domain/installation.ts';
import type { DetectorOffer, InstallItem, PartialDownload } from '../../utils/domain/installation.ts';
import { isPublished } from '../../utils/domain/model.ts';
import type { GraphDevice, InstalledModel, WeightDtype } from '../../utils/domain/model.ts';

/** The networks of an offer that the user has chosen, and the form of each. */
export type DownloadChoice = {
  /** All networks, as in the published results; or the first one alone. */
  readonly isFull: boolean;
  /** The form of each network, by the network's id. */
  readonly forms: Readonly<Record<string, InstallItem>>;
};

/**
 * The choice before the user changes it: the form of a download that was begun, since the user chose it last; else the
 * installed form; else the recommended form. Where the first network is installed already, all networks are chosen.
 */
export function firstChoice(
  { detector, networks }: DetectorOffer,
  partials: readonly PartialDownload[],
  installed: readonly InstalledModel[],
): DownloadChoice {
  const own = partials.filter((partial) => partial.detector === detector.id);
  const forms = networks.map(({ id, recommended }): [string, InstallItem] => {
    const begun = own.find(({ network }) => network === id);
    const { dtype, device } = begun ?? publishedOf(installed, detector.id, id) ?? recommended;
    return [id, { detector: detector.id, network: id, dtype, device }];
  });
  const [first] = networks;
  return {
    isFull:
      own.some(({ network }) => network !== first?.id) ||
      (first !== undefined && publishedOf(installed, detector.id, first.id) !== undefined),
    forms: Object.fromEntries(forms),
  };
}

/** The choice with one network in another form. @param recommended the device that suits the computer */
export function withDtype(
  choice: DownloadChoice,
  network: string,
  dtype: WeightDtype,
  recommended: GraphDevice,
): DownloadChoice {
  // Integer matrix products have no kernel on WebGPU. Any other form runs on both and follows the computer.
  const device = dtype === 'int8' ? 'wasm' : recommended;
  const form = { ...choice.forms[network]!, dtype, device };
  return { ...choice, forms: { ...choice.forms, [network]: form } };
}

/** The items of a choice: its networks without those that are installed in this form already. */
export function itemsOf(
  { networks }: DetectorOffer,
  { isFull, forms }: DownloadChoice,
  installed: readonly InstalledModel[],
): readonly InstallItem[] {
  return networks
    .slice(0, isFull ? networks.length : 1)
    .map(({ id }) => forms[id]!)
    .filter(
      ({ detector, network, dtype }) =>
        !installed.some((model) => isPublishedNetwork(model, detector, network) && model.dtype === dtype),
    );
}

/** How many bytes a choice costs, over all of its items. */
export type DownloadSizes = {
  readonly fileByteLength: number;
  readonly fetchedByteLength: number;
  readonly installedByteLength: number;
  /** Bytes that an earlier attempt has fetched already. */
  readonly doneByteLength: number;
};

export function sizesOf(
  { networks }: DetectorOffer,
  items: readonly InstallItem[],
  partials: readonly PartialDownload[],
): DownloadSizes {
  const chosen = items.flatMap(({ network, dtype }) =>
    networks.filter(({ id }) => id === network).map((offered) => ({ offered, dtype })),
  );
  return {
    fileByteLength: sum(chosen, ({ offered }) => offered.byteLength),
    fetchedByteLength: sum(chosen, ({ offered }) => offered.fetchedByteLength),
    installedByteLength: sum(chosen, ({ offered, dtype }) => offered.installedByteLength[dtype] ?? 0),
    doneByteLength: sum(
      partials.filter((partial) => items.some((item) => isSameItem(item, partial))),
      ({ doneByteLength }) => doneByteLength,
    ),
  };
}

function sum<T>(values: readonly T[], byteLengthOf: (value: T) => number): number {
  return values.reduce((total, value) => total + byteLengthOf(value), 0);
}

/** The latest installed model of a network that has the published weights and is whole. */
function publishedOf(
  installed: readonly InstalledModel[],
  detectorId: string,
  network: string,
): InstalledModel | undefined {
  return installed.find((model) => isPublishedNetwork(model, detectorId, network));
}

function isPublishedNetwork(model: InstalledModel, detectorId: string, network: string): boolean {
  const { state, provenance, isDemo } = model;
  return (
    model.detectorId === detectorId &&
    model.networks.includes(network) &&
    state === 'ready' &&
    isPublished(provenance) &&
    !isDemo
  );
}
