import { DetectorError } from '../../utils/domain/errors.ts';
import type { DetectorOffer } from '../../utils/domain/installation.ts';
import { WEIGHT_DTYPES } from '../../utils/domain/model.ts';
import type { GraphDevice, WeightDtype } from '../../utils/domain/model.ts';
import type { TensorInfo } from '../checkpoint/read/checkpoint.ts';
import type { Detector, DetectorNetwork, Machine, PublishedCheckpoint } from './detector.ts';
import { GENCONVIT } from './genconvit/genconvit.ts';

export type DetectorRegistry = ReturnType<typeof createRegistry>;

/** The detectors that a program knows. It is passed as a value, so that tests can use other detectors. */
export function createRegistry(detectors: readonly Detector[]) {
  const find = (detectorId: string): Detector | null => detectors.find(({ id }) => id === detectorId) ?? null;
  return {
    detectors,
    find,
    /** @throws DetectorError `options-invalid` for an unknown id */
    get: (detectorId: string): Detector => {
      const found = find(detectorId);
      if (found === null) throw new DetectorError('options-invalid', `there is no detector ${detectorId}`);
      return found;
    },
    /** The detector of descriptions that name none. */
    unnamed: detectors.find(({ upgradeDescription }) => upgradeDescription !== undefined) ?? null,
    /** The detector and network whose keys a state_dict has; null where no detector knows them. */
    identify: (
      stateDict: ReadonlyMap<string, TensorInfo>,
    ): { readonly detector: Detector; readonly network: string } | null => {
      for (const detector of detectors) {
        const network = detector.identify(stateDict);
        if (network !== null) return { detector, network };
      }
      return null;
    },
    /** The published checkpoint with this checksum, or null. */
    findPublished: (sha256: string | null): PublishedCheckpoint | null => {
      const checkpoints = detectors.flatMap(({ published }) => published?.checkpoints ?? []);
      return checkpoints.find((checkpoint) => checkpoint.sha256 === sha256) ?? null;
    },
    /** The published checkpoint that gives these shards in this form, or null. */
    findPublishedShards: ({
      detector,
      network,
      dtype,
      device,
      shards,
    }: {
      readonly detector: string;
      readonly network: string;
      readonly dtype: WeightDtype;
      readonly device: GraphDevice;
      readonly shards: readonly { readonly sha256: string }[];
    }): PublishedCheckpoint | null => {
      const found = find(detector)?.published?.checkpoints.find(
        (checkpoint) => checkpoint.network === network,
      );
      const known = found?.shardSha256?.[`${dtype}-${device}`];
      const isSame =
        known?.length === shards.length && shards.every(({ sha256 }, index) => sha256 === known[index]);
      return isSame ? (found ?? null) : null;
    },
  };
}

export const REGISTRY = createRegistry([GENCONVIT]);

/** @throws Error for a network that the detector does not have: a bug */
export function networkOf({ id, networks }: Detector, networkId: string): DetectorNetwork {
  const found = networks.find((network) => network.id === networkId);
  if (found === undefined) throw new Error(`${id} has no network ${networkId}`);
  return found;
}

/** The published networks, each with the form that suits this computer. */
export function offersFor({ detectors }: DetectorRegistry, machine: Machine): readonly DetectorOffer[] {
  return detectors.flatMap((detector) => {
    const { published } = detector;
    if (published === null) return [];
    const { authors, publisher, checkpoints } = published;
    const networks = checkpoints.map(({ network, byteLength, fetchedByteLength, installedByteLength }) => ({
      id: network,
      name: networkOf(detector, network).name,
      byteLength,
      fetchedByteLength,
      installedByteLength,
      recommended: detector.recommend(network, machine),
    }));
    return [{ detector: infoOf(detector), authors, publisher, networks }];
  });
}

/** The names of the networks that can have a form, for each form that not every network can have. */
export function restrictedForms({ detectors }: DetectorRegistry): Partial<Record<WeightDtype, string>> {
  const networks = detectors.flatMap((detector) => detector.networks);
  const restricted = WEIGHT_DTYPES.flatMap((dtype) => {
    const able = networks.filter(({ dtypes }) => dtypes.includes(dtype));
    return able.length === networks.length ? [] : [[dtype, able.map(({ name }) => name).join(' and ')]];
  });
  return Object.fromEntries(restricted) as Partial<Record<WeightDtype, string>>;
}

/** The part of a detector that can be stored and sent. */
export function infoOf({ id, name, networks }: Detector): DetectorOffer['detector'] {
  return { id, name, networks: networks.map((network) => ({ id: network.id, name: network.name })) };
}
