import { useEffect } from 'preact/hooks';
import { t } from '../../components/texts.tsx';
import { askForHost } from '../../utils/browser/host-permission.ts';
import { AddressForm } from './address-form.tsx';
import { CheckResult } from './check-result.tsx';
import { readAddress } from './checkable.ts';
import { FileForm } from './file-form.tsx';
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
        <FileForm onFile={(file) => start({ kind: 'file', file })} />
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
