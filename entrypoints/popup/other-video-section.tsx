import { useState } from 'preact/hooks';
import { browser } from 'wxt/browser';
import { t } from '../../components/texts.tsx';

/** Takes a file or a video's address. A tab checks it, since the popup may close. */
export function OtherVideoSection() {
  const [address, setAddress] = useState('');
  return (
    <section aria-labelledby="another">
      <div class="bar">
        <h2 id="another">{t('popup.anotherVideo')}</h2>
        <button type="button" class="plain small push" onClick={() => openCheckPage('')}>
          {t('popup.openFile')}
        </button>
        <button type="button" class="plain small" onClick={() => openPage('/evaluate.html')}>
          {t('evaluate.open')}
        </button>
      </div>
      <form
        class="address-row"
        onSubmit={(event) => {
          event.preventDefault();
          openCheckPage(address);
        }}
      >
        <input
          type="text"
          inputMode="url"
          autocomplete="off"
          required
          aria-label={t('popup.address')}
          placeholder={t('popup.address')}
          value={address}
          onInput={({ currentTarget }) => setAddress(currentTarget.value)}
        />
        <button type="submit">{t('action.check')}</button>
      </form>
    </section>
  );
}

function openCheckPage(address: string): void {
  const fragment = address === '' ? '' : `#${encodeURIComponent(address)}`;
  openPage(`/check.html${fragment}`);
}

function openPage(path: '/evaluate.html' | `/check.html${string}`): void {
  void browser.tabs.create({ url: browser.runtime.getURL(path) });
  window.close();
}
