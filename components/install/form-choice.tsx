import type { DetectorOffer } from '../../utils/domain/installation.ts';
import { titleOf } from '../../utils/domain/model.ts';
import type { WeightDtype } from '../../utils/domain/model.ts';
import { withDtype } from './download-choice.ts';
import type { DownloadChoice } from './download-choice.ts';
import { formatBytes } from '../format.ts';
import { DTYPE_MEANINGS } from './install-words.ts';

type FormChoiceProps = {
  readonly offer: DetectorOffer;
  readonly choice: DownloadChoice;
  readonly onChoose: (choice: DownloadChoice) => void;
};

/** What is chosen for this computer and why, closed until the user wants it otherwise. */
export function FormChoice({ offer, choice, onChoose }: FormChoiceProps) {
  const { detector, networks } = offer;
  return (
    <details>
      <summary>Choose another form</summary>
      <div class="stack choices">
        {networks.length > 1 ? <NetworksChoice offer={offer} choice={choice} onChoose={onChoose} /> : null}
        {networks
          .slice(0, choice.isFull ? networks.length : 1)
          .map(({ id, installedByteLength, recommended }) => (
            <fieldset key={id} class="stack">
              <legend class="small quiet">Keep {titleOf(detector, [id])} as</legend>
              {(Object.entries(installedByteLength) as [WeightDtype, number][]).map(([dtype, byteLength]) => (
                <Choice
                  key={dtype}
                  name={`form-of-${id}`}
                  isChosen={choice.forms[id]?.dtype === dtype}
                  label={recommended.dtype === dtype ? `${dtype} (recommended)` : dtype}
                  meaning={`${formatBytes(byteLength)}. ${DTYPE_MEANINGS[dtype]}`}
                  onChoose={() => onChoose(withDtype(choice, id, dtype, recommended.device))}
                />
              ))}
              <p class="small quiet">{recommended.reason}</p>
            </fieldset>
          ))}
      </div>
    </details>
  );
}

/** The first network alone, or all of them. */
function NetworksChoice({ offer: { detector, networks }, choice, onChoose }: FormChoiceProps) {
  const fetched = (count: number): string =>
    formatBytes(networks.slice(0, count).reduce((sum, { fetchedByteLength }) => sum + fetchedByteLength, 0));
  const count = networks.length === 2 ? 'two' : String(networks.length);
  return (
    <fieldset class="stack">
      <legend class="small quiet">Networks</legend>
      <Choice
        name="networks"
        isChosen={!choice.isFull}
        label={`${networks[0]!.name} alone`}
        meaning={`One of ${detector.name}’s ${count} networks, ${fetched(1)} to download. A check takes less time.`}
        onChoose={() => onChoose({ ...choice, isFull: false })}
      />
      <Choice
        name="networks"
        isChosen={choice.isFull}
        label={`${networks.map(({ name }) => name).join(' and ')} together`}
        meaning={`The full ${detector.name}, as in its published results, ${fetched(networks.length)} to download. A check takes longer.`}
        onChoose={() => onChoose({ ...choice, isFull: true })}
      />
    </fieldset>
  );
}

type ChoiceProps = {
  readonly name: string;
  readonly isChosen: boolean;
  readonly label: string;
  readonly meaning: string;
  readonly onChoose: () => void;
};

/** One of several, with what it means. */
export function Choice({ name, isChosen, label, meaning, onChoose }: ChoiceProps) {
  return (
    <label class="choice">
      <input type="radio" name={name} checked={isChosen} onChange={onChoose} />
      <span>
        <span class="choice-name">{label}</span> <span class="quiet">{meaning}</span>
      </span>
    </label>
  );
}
