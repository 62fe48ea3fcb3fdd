import { useState } from 'preact/hooks';
import { browser } from 'wxt/browser';

/** What is on no page: a file, or a video's address. Both are checked in a tab, which stays when the popup goes. */
export function OtherVideoSection() {
  const [address, setAddress] = useState('');
  return (
    <section aria-labelledby="another">
      <div class="bar">
        <h2 id="another">Another video</h2>
        <button type="button" class="plain small push" onClick={() => openCheckPage('')}>
          Open a file…
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
          aria-label="Address of a video’s file"
          placeholder="Address of a video’s file"
          value={address}
          onInput={({ currentTarget }) => setAddress(currentTarget.value)}
        />
        <button type="submit">Check</button>
      </form>
    </section>
  );
}

function openCheckPage(address: string): void {
  const fragment = address === '' ? '' : `#${encodeURIComponent(address)}`;
  void browser.tabs.create({ url: browser.runtime.getURL(`/check.html${fragment}`) });
  window.close();
}
