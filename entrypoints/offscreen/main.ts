import { browser } from 'wxt/browser';
import EngineWorker from '../../models/host/engine.worker.ts?worker';
import InstallWorker from '../../models/host/install.worker.ts?worker';
import { startHost } from '../../models/host/start-host.ts';
import { handleMessages, sendMessage } from '../../utils/browser/messages.ts';

const host = startHost({
  startEngineWorker: () => new EngineWorker(),
  startInstallWorker: () => new InstallWorker(),
  ownPages: browser.runtime.getURL('/'),
  background: {
    getSettings: () => sendMessage('getSettings', null),
    getBadgeSettings: () => sendMessage('getBadgeSettings', null),
    canReadHost: (url) => sendMessage('canReadHost', { url }),
    captureTab: (tabId) => sendMessage('captureTab', { tabId }),
    scanChanged: (scan, facePicture) => sendMessage('scanChanged', { scan, facePicture }),
    hostIdle: () => sendMessage('hostIdle', null),
  },
});

browser.runtime.onConnect.addListener((port) => {
  if (port.sender?.id === browser.runtime.id) host.connect(port);
});
handleMessages(host.handlers, Object.keys(host.handlers) as (keyof typeof host.handlers)[]);
