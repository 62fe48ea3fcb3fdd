import { DetectorError } from '../../utils/domain/errors.ts';
import type { Checkpoint, StateDict, TensorInfo } from '../checkpoint/read/checkpoint.ts';
import { showForeign } from '../checkpoint/read/foreign-text.ts';
import type { Detector } from './detector.ts';
import { networkOf } from './registry.ts';
import type { DetectorRegistry } from './registry.ts';

/** The weights of a checkpoint that are to be used. */
export type WeightsChoice = {
  readonly registry: DetectorRegistry;
  /** Ids. null: the checkpoint tells which detector it is of, and which of its networks. */
  readonly detector: string | null;
  readonly network: string | null;
  /** The place of the weights in the checkpoint, as `path` gives it; null to find them by their names. */
  readonly key?: string | null;
};

export type ChosenWeights = {
  readonly detector: Detector;
  readonly network: string;
  /** The tensors by the network's own names. */
  readonly stateDict: ReadonlyMap<string, TensorInfo>;
  /** Keys of the dict joined with `/`, and the prefix that all names had; empty for a plain state_dict. */
  readonly path: string;
  /** Other places that hold the same network. */
  readonly others: readonly string[];
};

type Found = Omit<ChosenWeights, 'others'> & { readonly unread: ReadonlyMap<string, string> };

/** Parts of names that torch.compile, FSDP and activation checkpointing insert, before and within the network's own. */
const WRAPPING_PARTS: ReadonlySet<string> = new Set([
  '_orig_mod',
  '_fsdp_wrapped_module',
  '_checkpoint_wrapped_module',
]);
/**
 * Attributes below which a training script keeps its network. A name may have all four and one more:
 * `module.model.net.network.`
 */
const MAX_PREFIX_PARTS = 5;
/**
 * Averages of the weights, and other networks' weights. They are used only if there are no others, or if `key` asks for
 * them.
 */
const SECONDARY = /ema|swa|averag|shadow|teacher|momentum|target|best|old|prev|init/i;
/** A message with more names is no clearer. */
const MAX_NAMED = 12;

/**
 * Finds a known network's weights in a checkpoint: below any keys, and below any prefix of their names (`module.` of
 * DataParallel and of averaged models, `model.` of Lightning, `_orig_mod.` of torch.compile). All other content of the
 * file is ignored.
 * @throws DetectorError `network-mismatch` where no known network is there, or several are; `options-invalid` where
 *   none is at `key`; `checkpoint-unsupported` for a network with tensors that can't be read, and where there is no
 *   state_dict at all
 */
export function chooseWeights(
  checkpoint: Checkpoint,
  choice: WeightsChoice,
  sourceName: string,
): ChosenWeights {
  const { registry, key = null } = choice;
  const all = checkpoint.stateDicts().flatMap((stateDict) => findNetworks(stateDict, registry));
  const asked = all.filter(
    ({ detector, network, path }) =>
      (choice.detector === null || detector.id === choice.detector) &&
      (choice.network === null || network === choice.network) &&
      (key === null || path === key || path.startsWith(`${key}/`)),
  );
  if (asked.length === 0) {
    if (key !== null) throw notAtKey(all, key, sourceName);
    return { ...fallback(checkpoint, choice, sourceName), path: '', others: [] };
  }
  const primary = asked.filter(({ path }) => !SECONDARY.test(path));
  const [chosen, ...more] = key === null && primary.length > 0 ? primary : asked;
  if (more.length > 0) throw severalNetworks([chosen!, ...more], sourceName);
  const { unread, ...weights } = chosen!;
  for (const [name, reason] of unread) {
    throw new DetectorError(
      'checkpoint-unsupported',
      `${sourceName}: "${showForeign(name)}" is ${reason}, which is not read`,
    );
  }
  return { ...weights, others: asked.filter((found) => found !== chosen).map(({ path }) => path) };
}

/** The usual dict is tried, so that its error, or the builder's, says what is missing. */
function fallback(
  checkpoint: Checkpoint,
  { registry, detector, network }: WeightsChoice,
  sourceName: string,
): Pick<ChosenWeights, 'detector' | 'network' | 'stateDict'> {
  const stateDict = checkpoint.stateDict();
  if (detector !== null && network !== null) {
    const chosen = registry.get(detector);
    return { detector: chosen, network: networkOf(chosen, network).id, stateDict };
  }
  const known = registry.detectors.flatMap(({ name, networks }) =>
    networks.map((candidate) => `${name} ${candidate.name}`),
  );
  throw new DetectorError(
    'network-mismatch',
    `${sourceName} holds ${String(stateDict.size)} tensors, but none of the known networks: ${known.join(', ')}`,
  );
}

/** The networks of one dict, each below its own prefix. */
function findNetworks({ path, tensors, unread }: StateDict, registry: DetectorRegistry): readonly Found[] {
  const search = (names: ReadonlyMap<string, string>, prefix: readonly string[]): readonly Found[] => {
    const stateDict = new Map<string, TensorInfo>();
    const unreadHere = new Map<string, string>();
    for (const [name, key] of names) {
      const info = tensors.get(key);
      if (info === undefined) unreadHere.set(name, unread.get(key) ?? '');
      else stateDict.set(name, info);
    }
    const identified = registry.identify(stateDict);
    if (identified !== null) {
      const at = [path, prefix.join('.')].filter((part) => part !== '').join('/');
      return [{ ...identified, stateDict, path: at, unread: unreadHere }];
    }
    if (prefix.length === MAX_PREFIX_PARTS) return [];
    return [...groupByFirstPart(names)].flatMap(([part, below]) => search(below, [...prefix, part]));
  };
  const names = new Map<string, string>();
  for (const key of [...tensors.keys(), ...unread.keys()]) {
    const name = withoutWrappings(key);
    // Two names differ only in their inserted parts. The dict keeps the file's own names, and no network is found by
    // them.
    names.set(names.has(name) ? key : name, key);
  }
  return search(names, []);
}

function withoutWrappings(key: string): string {
  if (!key.includes('_')) return key;
  return key
    .split('.')
    .filter((part) => !WRAPPING_PARTS.has(part))
    .join('.');
}

/** `a.b.c` as `b.c` below `a`. */
function groupByFirstPart(
  names: ReadonlyMap<string, string>,
): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const groups = new Map<string, Map<string, string>>();
  for (const [name, key] of names) {
    const dot = name.indexOf('.');
    if (dot < 0) continue;
    const part = name.slice(0, dot);
    const group = groups.get(part) ?? new Map<string, string>();
    groups.set(part, group.set(name.slice(dot + 1), key));
  }
  return groups;
}

function notAtKey(all: readonly Found[], key: string, sourceName: string): DetectorError {
  const there = all.length === 0 ? 'no known network is in the file' : `there are ${listed(all)}`;
  return new DetectorError(
    'options-invalid',
    `${sourceName}: no such network at the key "${showForeign(key)}": ${there}`,
  );
}

function severalNetworks(found: readonly Found[], sourceName: string): DetectorError {
  return new DetectorError(
    'network-mismatch',
    `${sourceName} holds several networks: ${listed(found)}; say which one is meant, by its network or by its key`,
  );
}

function listed(found: readonly Found[]): string {
  const named = found
    .slice(0, MAX_NAMED)
    .map(({ detector, network, path }) => `${networkOf(detector, network).name} at "${showForeign(path)}"`);
  return [...named, ...(found.length > MAX_NAMED ? [`${found.length - MAX_NAMED} more`] : [])].join(', ');
}
