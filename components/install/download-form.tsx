import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { DetectorOffer, StoreOverview } from '../../utils/domain/installation.ts';
import { Facts } from '../facts.tsx';
import type { Fact } from '../facts.tsx';
import { firstChoice, itemsOf, sizesOf, withDtype } from './download-choice.ts';
import type { DownloadChoice, DownloadSizes } from './download-choice.ts';
import { formatBytes } from '../format.ts';
import { t, tRich, camelCase, formatList } from '../texts.tsx';
import { networkTitle } from './model-label.ts';
import type { Installation } from './use-installation.ts';
import { titleOf } from '../../utils/domain/model.ts';
import type { WeightDtype } from '../../utils/domain/model.ts';

type DownloadFormsProps = {
  readonly installation: Pick<Installation, 'download' | 'chooseAllNetworks'>;
  readonly store: Pick<StoreOverview, 'offers' | 'models' | 'partials'>;
  /** After a failure. */
  readonly isAgain: boolean;
  readonly class: string;
};

/** One form for each detector that this computer can download. */
export function DownloadForms(props: DownloadFormsProps) {
  return props.store.offers.map((offer) => <DownloadForm key={offer.detector.id} offer={offer} {...props} />);
}

type DownloadFormProps = DownloadFormsProps & { readonly offer: DetectorOffer };

/** The networks to download, their publisher and licence, and the button that starts the download. */
function DownloadForm({ offer, installation, store, isAgain, class: className }: DownloadFormProps) {
  const { detector, publisher } = offer;
  const installed = store.models;
  const partials = store.partials.filter((partial) => partial.detector === detector.id);
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
  const source = { link: linkTo(publisher.repositoryUrl), publisher: publisher.name };
  const terms = { link: linkTo(publisher.licence.url), licence: publisher.licence.name };
  const facts: readonly Fact[] = [
    [t('install.network'), t('install.networkBy', { network: networkTitle(title), authors: offer.authors })],
    [t('install.from'), tRich('install.publishedBy', source)],
    ...(items.length === 0 ? [] : sizeFacts(sizes, items.length)),
    [t('install.licence'), tRich('install.licenceTerms', terms)],
  ];
  return (
    <form
      class={className}
      onSubmit={(event) => {
        event.preventDefault();
        if (choice.isFull) installation.chooseAllNetworks(detector.id);
        installation.download(store.offers, items);
      }}
    >
      <Facts facts={facts} class="facts" />
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

function linkTo(url: string) {
  return (words: ComponentChildren) => (
    <a href={url} target="_blank" rel="noreferrer">
      {words}
    </a>
  );
}

function sizeFacts(sizes: DownloadSizes, fileCount: number): readonly Fact[] {
  const fetched = formatBytes(sizes.fetchedByteLength);
  const file = formatBytes(sizes.fileByteLength);
  return [
    [t('install.download'), t('install.downloadSize', fileCount, { fetched, file })],
    [t('install.onDisk'), formatBytes(sizes.installedByteLength)],
  ];
}

type FormChoiceProps = {
  readonly offer: DetectorOffer;
  readonly choice: DownloadChoice;
  readonly onChoose: (choice: DownloadChoice) => void;
};

/** The form that suits this computer, with the reason. It is closed until the user wants another form. */
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

/** One of several choices, with its meaning. */
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
