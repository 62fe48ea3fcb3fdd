import { useState } from 'preact/hooks';
import type { DetectorOffer, InstallItem, PartialDownload } from '../../utils/domain/installation.ts';
import { firstChoice, itemsOf, sizesOf, withDtype } from './download-choice.ts';
import type { DownloadChoice, DownloadSizes } from './download-choice.ts';
import { formatBytes } from '../format.ts';
import { t, tRich, camelCase, formatList } from '../texts.tsx';
import { networkTitle } from './model-label.ts';
import { titleOf } from '../../utils/domain/model.ts';
import type { InstalledModel, WeightDtype } from '../../utils/domain/model.ts';

export type DownloadFormProps = {
  readonly offer: DetectorOffer;
  readonly installed: readonly InstalledModel[];
  readonly partials: readonly PartialDownload[];
  /** After a failure or a cancellation. */
  readonly isAgain: boolean;
  /** @param isFull whether all networks are to judge together from now on */
  readonly onStart: (items: readonly InstallItem[], isFull: boolean) => void;
};

/** What would be fetched, from whom, under which licence, and the one button for it. */
export function DownloadForm(props: DownloadFormProps) {
  const { offer, installed, isAgain, onStart } = props;
  const { detector, publisher } = offer;
  const partials = props.partials.filter((partial) => partial.detector === detector.id);
  const [chosen, setChosen] = useState<DownloadChoice | null>(null);
  const choice = chosen ?? firstChoice(offer, partials, installed);
  const items = itemsOf(offer, choice, installed);
  const sizes = sizesOf(offer, items, partials);
  const shownNetworks = offer.networks.slice(0, choice.isFull ? undefined : 1);
  const title = titleOf(
    detector,
    shownNetworks.map(({ id }) => id),
  );
  // Bytes are fetched only after the licence was accepted.
  const isLicenceAccepted = partials.length > 0;
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        onStart(items, choice.isFull);
      }}
    >
      <dl class="facts">
        <dt>{t('install.network')}</dt>
        <dd>{t('install.networkBy', { network: networkTitle(title), authors: offer.authors })}</dd>
        <dt>{t('install.from')}</dt>
        <dd>
          {tRich('install.publishedBy', {
            link: (words) => (
              <a href={publisher.repositoryUrl} target="_blank" rel="noreferrer">
                {words}
              </a>
            ),
            publisher: publisher.name,
          })}
        </dd>
        {items.length === 0 ? null : <Sizes sizes={sizes} fileCount={items.length} />}
        <dt>{t('install.licence')}</dt>
        <dd>
          {tRich('install.licenceTerms', {
            link: (words) => (
              <a href={publisher.licence.url} target="_blank" rel="noreferrer">
                {words}
              </a>
            ),
            licence: publisher.licence.name,
          })}
        </dd>
      </dl>
      {items.length === 0 ? (
        <p>{t('install.installedAlready')}</p>
      ) : (
        <>
          {isLicenceAccepted ? (
            <p class="quiet">
              {sizes.doneByteLength > 0
                ? t('install.licenceAcceptedDone', {
                    done: formatBytes(sizes.doneByteLength),
                    all: formatBytes(sizes.fetchedByteLength),
                  })
                : t('install.licenceAccepted')}
            </p>
          ) : (
            <label class="choice">
              <input type="checkbox" required />
              <span>{t('install.acceptLicence', { licence: publisher.licence.name })}</span>
            </label>
          )}
          <p>
            <button type="submit" class="primary large">
              {t(
                sizes.doneByteLength > 0
                  ? 'install.continue'
                  : isAgain
                    ? 'install.tryAgain'
                    : 'install.start',
              )}
            </button>
          </p>
        </>
      )}
      <FormChoice offer={offer} choice={choice} onChoose={setChosen} />
    </form>
  );
}

function Sizes({ sizes, fileCount }: { readonly sizes: DownloadSizes; readonly fileCount: number }) {
  return (
    <>
      <dt>{t('install.download')}</dt>
      <dd>
        {t('install.downloadSize', fileCount, {
          fetched: formatBytes(sizes.fetchedByteLength),
          file: formatBytes(sizes.fileByteLength),
        })}
      </dd>
      <dt>{t('install.onDisk')}</dt>
      <dd>{formatBytes(sizes.installedByteLength)}</dd>
    </>
  );
}

type FormChoiceProps = {
  readonly offer: DetectorOffer;
  readonly choice: DownloadChoice;
  readonly onChoose: (choice: DownloadChoice) => void;
};

/** What is chosen for this computer and why, closed until the user wants it otherwise. */
function FormChoice({ offer, choice, onChoose }: FormChoiceProps) {
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
