import { browser } from 'wxt/browser';

/** Opens one of the extension's own pages in a tab. @param scanId the scan that the details page is about */
export async function openPage(page: 'options' | 'report' | 'welcome', scanId: string | null): Promise<void> {
  switch (page) {
    case 'options':
      await browser.runtime.openOptionsPage();
      return;
    case 'report': {
      const fragment = scanId === null ? '' : `#${encodeURIComponent(scanId)}`;
      await browser.tabs.create({ url: browser.runtime.getURL(`/report.html${fragment}`) });
      return;
    }
    case 'welcome':
      await openOnce(browser.runtime.getURL('/welcome.html'));
  }
}

/** Brings forward the tab that shows the page already, or opens one. */
async function openOnce(url: string): Promise<void> {
  // The addresses of its own pages an extension may see without the permission `tabs`.
  const [open] = await browser.tabs.query({ url });
  if (open?.id === undefined) {
    await browser.tabs.create({ url });
    return;
  }
  await browser.tabs.update(open.id, { active: true });
  await browser.windows.update(open.windowId, { focused: true });
}
