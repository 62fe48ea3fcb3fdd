import { render } from 'preact';
import { browser } from 'wxt/browser';
import { nameDocument } from '../../components/texts.tsx';
import { Popup } from './popup.tsx';

nameDocument('extension.name');
const [tab] = await browser.tabs.query({ active: true, currentWindow: true });
render(
  <Popup tabId={tab?.id ?? null} tabUrl={tab?.url ?? null} isPrivate={tab?.incognito ?? false} />,
  document.body,
);
