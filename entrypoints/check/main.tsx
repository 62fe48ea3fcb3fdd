import { render } from 'preact';
import { nameDocument, t, tRich } from '../../components/texts.tsx';
import { useEffect, useState } from 'preact/hooks';
import { FileDrop } from '../../components/file-drop.tsx';
import { askForHost } from '../../utils/browser/host-permission.ts';
import { VIDEO_EXTENSIONS } from '../../utils/domain/video-files.ts';
import { CheckResult } from './check-result.tsx';
import { readChosenFolder, readDropped } from './given-files.ts';
import { readAddress, useCheck } from './use-check.ts';

/** Systems know other kinds of files by other types: many have none for .flv. */
const VIDEO_TYPES = ['video/*', ...VIDEO_EXTENSIONS.map((extension) => `.${extension}`)].join(',');

/** @param address given already, in the popup; empty for none */
export function CheckPage({ address }: { readonly address: string }) {
  const { shown, start, cancel } = useCheck();
  const given = readAddress(address);
  useEffect(() => {
    if (address !== '' && given !== null) start({ kind: 'address', url: given });
    // Once, as the page opens.
  }, []);

  return (
    <main class="column">
      <header class="stack">
        <h1>{t('check.title')}</h1>
        <p class="quiet">{t('check.intro')}</p>
        <FileDrop
          buttons={[
            {
              label: t('check.open'),
              fieldLabel: t('check.file'),
              isPrimary: true,
              accept: VIDEO_TYPES,
              onFiles: ([file]) => start({ kind: 'file', file }),
            },
            {
              label: t('check.openFolder'),
              fieldLabel: t('check.folder'),
              accept: null,
              onFiles: (files) => start(readChosenFolder(files)),
            },
          ]}
          hint={t('check.orDrop')}
          onDrop={(data) => void readDropped(data).then((given) => given !== null && start(given))}
        />
        <AddressForm initial={address} onAddress={(url) => start({ kind: 'address', url })} />
        <p class="small">
          <a href="/verify.html">{t('signing.verify')}</a>
        </p>
      </header>
      {shown === null ? null : (
        <CheckResult
          shown={shown}
          onCancel={cancel}
          onAgain={() => start(shown.checkable)}
          onAllow={(host) => {
            // Nothing is awaited before: the browser asks only in the task of the click.
            void askForHost(host).then((isAllowed) => isAllowed && start(shown.checkable));
          }}
        />
      )}
    </main>
  );
}

type AddressFormProps = { readonly initial: string; readonly onAddress: (url: string) => void };

/** Takes the address of a video's file. */
export function AddressForm({ initial, onAddress }: AddressFormProps) {
  const [text, setText] = useState(initial);
  const [isWrong, setWrong] = useState(false);
  return (
    <form
      class="card address"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const url = readAddress(text);
        setWrong(url === null);
        if (url !== null) onAddress(url);
      }}
    >
      <label for="address">
        {tRich('check.address', { quiet: (words) => <span class="quiet small">{words}</span> })}
      </label>
      <input
        id="address"
        type="url"
        inputMode="url"
        autocomplete="off"
        placeholder={t('check.addressExample')}
        value={text}
        aria-invalid={isWrong}
        aria-describedby="address-problem"
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          setWrong(false);
        }}
      />
      <button type="submit">{t('action.check')}</button>
      <p id="address-problem" role="alert" class="small tone-not-sure" hidden={!isWrong}>
        {t('check.notAnAddress')}
      </p>
    </form>
  );
}

/** The address is `check.html#ADDRESS_OF_A_VIDEO`, or without one. */
const address = decodeURIComponent(location.hash.slice(1));
nameDocument('check.pageTitle');
render(<CheckPage address={address} />, document.body);
