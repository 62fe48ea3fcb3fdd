import { browser } from 'wxt/browser';
import DecodeWorker from '../../models/host/decode.worker.ts?worker';
import EngineWorker from '../../models/host/engine.worker.ts?worker';
import InstallWorker from '../../models/host/install.worker.ts?worker';
import { startHost } from '../../models/host/start-host.ts';
import { version } from '../../package.json';
import { installationStates } from '../../utils/browser/announcements.ts';
import { ask, handleMessages } from '../../utils/browser/messages.ts';

const host = startHost({
  startEngineWorker: () => new EngineWorker(),
  startInstallWorker: () => new InstallWorker(),
  startDecodeWorker: () => new DecodeWorker(),
  ownPages: browser.runtime.getURL('/'),
  // The manifest's version. An offscreen document has no `runtime.getManifest`.
  appVersion: version,
  announceInstallation: installationStates.announce,
  // Tests of automatic scans run several at a time in the test build. The extension that is shipped always pauses.
  pausesWhileBusy: import.meta.env.MODE !== 'test',
  background: {
    getSettings: () => ask('background', 'getSettings', null),
    getBadgeSettings: () => ask('background', 'getBadgeSettings', null),
    canReadHost: (url) => ask('background', 'canReadHost', { url }),
    admitScan: (asked) => ask('background', 'admitScan', asked),
    captureTab: (tabId) => ask('background', 'captureTab', { tabId }),
    scanChanged: (scan, facePicture) => ask('background', 'scanChanged', { scan, facePicture }),
    hostIdle: () => ask('background', 'hostIdle', null),
  },
});

browser.runtime.onConnect.addListener((port) => {
  if (port.sender?.id === browser.runtime.id) host.connect(port);
});
handleMessages('host', host.handlers);
