import { useEffect } from 'preact/hooks';
import { FileDrop } from '../../components/file-drop.tsx';
import { t } from '../../components/texts.tsx';
import { askForHost } from '../../utils/browser/host-permission.ts';
import { AddressForm } from './address-form.tsx';
import { CheckResult } from './check-result.tsx';
import { readAddress } from './checkable.ts';
import { useCheck } from './use-check.ts';

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
              accept: 'video/*',
              onFiles: ([file]) => start({ kind: 'file', file }),
            },
          ]}
          hint={t('check.orDrop')}
          onDrop={({ files: [file] }) => {
            if (file !== undefined) start({ kind: 'file', file });
          }}
        />
        <AddressForm initial={address} onAddress={(url) => start({ kind: 'address', url })} />
      </header>
      {shown === null ? null : (
        <CheckResult
          shown={shown}
          onCancel={cancel}
          onAgain={() => start(shown.checkable)}
          onAllow={(host) => {
            // At once: the browser asks only in the task of the click.
            void askForHost(host).then((isAllowed) => isAllowed && start(shown.checkable));
          }}
        />
      )}
    </main>
  );
}
