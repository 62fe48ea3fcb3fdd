import type { InstallItem } from '../../utils/domain/installation.ts';
import { withDtype } from './download-choice.ts';
import type { DownloadChoice, PublishedNetwork, Recommendation } from './download-choice.ts';
import { formatBytes } from '../format.ts';
import { DTYPE_MEANINGS, networkName } from './install-words.ts';

type FormChoiceProps = {
  readonly choice: DownloadChoice;
  readonly published: readonly PublishedNetwork[];
  readonly recommendations: Readonly<Record<InstallItem['network'], Recommendation>>;
  readonly onChoose: (choice: DownloadChoice) => void;
};

/** What is chosen for this computer and why, closed until somebody wants it otherwise. */
export function FormChoice({ choice, published, recommendations, onChoose }: FormChoiceProps) {
  const shown = published.filter(({ network }) => choice.isFull || network === 'ed');
  const fetched = (network: InstallItem['network']): number =>
    published.find((candidate) => candidate.network === network)?.fetchedByteLength ?? 0;
  return (
    <details>
      <summary>Choose another form</summary>
      <div class="stack choices">
        <fieldset class="stack">
          <legend class="small quiet">Networks</legend>
          <Choice
            name="networks"
            isChosen={!choice.isFull}
            label="ED alone"
            meaning={`One of GenConViT’s two networks, ${formatBytes(fetched('ed'))} to download. A check takes less time.`}
            onChoose={() => onChoose({ ...choice, isFull: false })}
          />
          <Choice
            name="networks"
            isChosen={choice.isFull}
            label="ED and VAE together"
            meaning={`The full GenConViT, as in its published results, ${formatBytes(fetched('ed') + fetched('vae'))} to download. A check takes longer.`}
            onChoose={() => onChoose({ ...choice, isFull: true })}
          />
        </fieldset>
        {shown.map(({ network, installedByteLength }) => (
          <fieldset key={network} class="stack">
            <legend class="small quiet">Keep {networkName(network)} as</legend>
            {Object.entries(installedByteLength).map(([dtype, byteLength]) => (
              <Choice
                key={dtype}
                name={`form-of-${network}`}
                isChosen={choice.forms[network].dtype === dtype}
                label={recommendations[network].dtype === dtype ? `${dtype} (recommended)` : dtype}
                meaning={`${formatBytes(byteLength)}. ${DTYPE_MEANINGS[dtype as InstallItem['dtype']]}`}
                onChoose={() =>
                  onChoose(
                    withDtype(
                      choice,
                      network,
                      dtype as InstallItem['dtype'],
                      recommendations[network].device,
                    ),
                  )
                }
              />
            ))}
            <p class="small quiet">{recommendations[network].reason}</p>
          </fieldset>
        ))}
      </div>
    </details>
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
