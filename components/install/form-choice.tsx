import type { DetectorOffer } from '../../utils/domain/installation.ts';
import { titleOf } from '../../utils/domain/model.ts';
import type { WeightDtype } from '../../utils/domain/model.ts';
import { withDtype } from './download-choice.ts';
import type { DownloadChoice } from './download-choice.ts';
import { formatBytes } from '../format.ts';
import { camelCase, formatList, t } from '../texts.tsx';

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
      <summary>{t('install.chooseForm')}</summary>
      <div class="stack choices">
        {networks.length > 1 ? <NetworksChoice offer={offer} choice={choice} onChoose={onChoose} /> : null}
        {networks
          .slice(0, choice.isFull ? networks.length : 1)
          .map(({ id, installedByteLength, recommended }) => (
            <fieldset key={id} class="stack">
              <legend class="small quiet">{t('install.keepAs', { network: titleOf(detector, [id]) })}</legend>
              {(Object.entries(installedByteLength) as [WeightDtype, number][]).map(([dtype, byteLength]) => (
                <Choice
                  key={dtype}
                  name={`form-of-${id}`}
                  isChosen={choice.forms[id]?.dtype === dtype}
                  label={recommended.dtype === dtype ? t('install.recommended', { form: dtype }) : dtype}
                  meaning={t('install.formMeaning', {
                    size: formatBytes(byteLength),
                    meaning: t(`install.form.${dtype}`),
                  })}
                  onChoose={() => onChoose(withDtype(choice, id, dtype, recommended.device))}
                />
              ))}
              <p class="small quiet">{t(`install.recommendation.${camelCase(recommended.reason)}`)}</p>
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
  const { name } = detector;
  return (
    <fieldset class="stack">
      <legend class="small quiet">{t('install.networks')}</legend>
      <Choice
        name="networks"
        isChosen={!choice.isFull}
        label={t('install.oneNetwork', { network: networks[0]!.name })}
        meaning={t('install.oneNetworkMeaning', { detector: name, count: networks.length, size: fetched(1) })}
        onChoose={() => onChoose({ ...choice, isFull: false })}
      />
      <Choice
        name="networks"
        isChosen={choice.isFull}
        label={t('install.allNetworks', { networks: formatList(networks.map((network) => network.name)) })}
        meaning={t('install.allNetworksMeaning', { detector: name, size: fetched(networks.length) })}
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
