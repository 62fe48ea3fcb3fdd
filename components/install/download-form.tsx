import { useState } from 'preact/hooks';
import type { DetectorOffer, InstallItem } from '../../utils/domain/installation.ts';
import { titleOf } from '../../utils/domain/model.ts';
import { firstChoice, itemsOf, sizesOf } from './download-choice.ts';
import type { DownloadChoice, DownloadSizes } from './download-choice.ts';
import { FormChoice } from './form-choice.tsx';
import { formatBytes } from '../format.ts';
import type { InstalledModel } from '../../utils/domain/model.ts';
import type { PartialDownload } from '../../utils/domain/installation.ts';

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
  // Nothing is here of what was not accepted.
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
        <dt>Network</dt>
        <dd>
          {titleOf(
            detector,
            offer.networks.slice(0, choice.isFull ? undefined : 1).map(({ id }) => id),
          )}
          , by {offer.authors}
        </dd>
        <dt>From</dt>
        <dd>
          <a href={publisher.repositoryUrl} target="_blank" rel="noreferrer">
            {publisher.name}, where its authors publish it
          </a>
        </dd>
        {items.length === 0 ? null : <Sizes sizes={sizes} fileCount={items.length} />}
        <dt>Licence</dt>
        <dd>
          <a href={publisher.licence.url} target="_blank" rel="noreferrer">
            {publisher.licence.name}
          </a>
          : name the authors; not for commercial use
        </dd>
      </dl>
      {items.length === 0 ? (
        <p>This is installed already.</p>
      ) : (
        <>
          {isLicenceAccepted ? (
            <p class="quiet">
              {sizes.doneByteLength > 0
                ? `${formatBytes(sizes.doneByteLength)} of ${formatBytes(sizes.fetchedByteLength)} are here already. `
                : ''}
              You accepted the licence when you began.
            </p>
          ) : (
            <label class="choice">
              <input type="checkbox" required />
              <span>I accept the licence {publisher.licence.name}</span>
            </label>
          )}
          <p>
            <button type="submit" class="primary large">
              {sizes.doneByteLength > 0
                ? 'Continue the download'
                : isAgain
                  ? 'Try again'
                  : 'Download and install'}
            </button>
          </p>
        </>
      )}
      <FormChoice offer={offer} choice={choice} onChoose={setChosen} />
    </form>
  );
}

function Sizes({ sizes, fileCount }: { readonly sizes: DownloadSizes; readonly fileCount: number }) {
  const files = fileCount === 1 ? 'file' : 'files';
  return (
    <>
      <dt>Download</dt>
      <dd>
        {formatBytes(sizes.fetchedByteLength)}, the part that is needed of the publisher’s{' '}
        {formatBytes(sizes.fileByteLength)} {files}
      </dd>
      <dt>On the disk</dt>
      <dd>{formatBytes(sizes.installedByteLength)}</dd>
    </>
  );
}
