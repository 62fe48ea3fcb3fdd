import { browser } from 'wxt/browser';

/** Opens one of the extension's own pages in a tab. @param scanId the scan that the details page is about */
export async function openPage(page: 'options' | 'details', scanId: string | null): Promise<void> {
  switch (page) {
    case 'options':
      await browser.runtime.openOptionsPage();
      return;
    case 'details': {
      const fragment = scanId === null ? '' : `#${encodeURIComponent(scanId)}`;
      await browser.tabs.create({ url: browser.runtime.getURL(`/details.html${fragment}`) });
    }
  }
}
