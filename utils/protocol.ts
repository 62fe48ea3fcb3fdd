import type { BadgeSettings } from './badge-settings.ts';
import type { BadgeSite } from './sites.ts';
import type { HistoryEntry, Scan, ScanState, UsedModel } from './scan.ts';
import type { Settings } from './settings.ts';

/** A video that the popup can offer. `videoId` is the content script's own number for the element. */
export type PageVideo = {
  readonly videoId: number;
  readonly frameId: number;
  readonly title: string;
  readonly widthPixels: number;
  readonly heightPixels: number;
  readonly durationSeconds: number | null;
  readonly isPaused: boolean;
  readonly isVisible: boolean;
  /** Of the last scan of this element while the page was open. */
  readonly scanId: string | null;
};

/** How "Check this video" finds the video it means. */
export type CheckTarget =
  /** The context menu: the address of the element that was clicked, if it was a video itself. */
  | { readonly kind: 'pointer'; readonly srcUrl: string | null }
  /** The keyboard command: the largest visible video. */
  | { readonly kind: 'largest' }
  /** The popup's list. */
  | { readonly kind: 'video'; readonly videoId: number };

export type CheckOutcome =
  | { readonly kind: 'started'; readonly scanId: string }
  /** That video is being checked already: its badge was brought forward. */
  | { readonly kind: 'running'; readonly scanId: string }
  /** Several remain: they are highlighted and a click chooses. */
  | { readonly kind: 'choosing' }
  | { readonly kind: 'no-video' };

/** A finished scan with everything the host still remembers of it (the last few scans, in memory only). */
export type ScanDetails = {
  readonly scan: Scan;
  readonly crops: readonly {
    readonly personId: number;
    readonly frameIndex: number;
    readonly mediaTimeSeconds: number;
    readonly score: number;
    readonly logits: Readonly<Record<string, readonly [number, number]>>;
    /** The network's own input: RGBA, the model's side a side. */
    readonly picture: ImageData;
  }[];
};

/** What keeps automatic checks from going on. */
export type AutomaticPause = 'by-user' | 'on-battery' | 'metered-network' | 'machine-busy' | 'memory';

/** How automatic checks are getting on, over all tabs. */
export type AutomaticState = {
  readonly waitingScans: number;
  readonly pauses: readonly AutomaticPause[];
  /** Of one core or of the GPU's time, over the last minute; 0 to 1 and, on many cores, beyond. */
  readonly usedShare: number;
  /** What this browser does not tell, so that no pause can rest on it. */
  readonly unknown: readonly ('battery' | 'network' | 'pressure')[];
};

export type AutomaticBeginning =
  | { readonly kind: 'check'; readonly framesAsked: number }
  /** The same model has judged this video before. */
  | {
      readonly kind: 'remembered';
      readonly scanId: string;
      readonly state: Extract<ScanState, { readonly kind: 'finished' }>;
    }
  /** Paused, or no network is installed. */
  | { readonly kind: 'not-now' };

export type InstalledModel = UsedModel & {
  readonly sourceName: string;
  readonly sourceByteLength: number;
  readonly sourceSha256: string | null;
  readonly installedAt: number;
  readonly byteLength: number;
};

/**
 * Every message by name: request and reply. The comment says which context answers; nobody else does.
 */
export type ProtocolMap = {
  // Background.
  /** Opens the host document if it is not there. Asked by content scripts before they open their port. */
  readonly openHost: () => null;
  /** From the host: no scan for minutes. Closes its document, and so gives back all of its memory. */
  readonly hostIdle: () => null;
  /** From the host, which has no storage API of its own. */
  readonly getSettings: () => Settings;
  /** From the popup: injects the content script where the tab allows and starts the check. */
  readonly checkInTab: (request: {
    readonly tabId: number;
    /** null for whichever of the tab's frames holds the largest video. */
    readonly frameId: number | null;
    readonly target: CheckTarget;
  }) => CheckOutcome;
  /** From the popup: injects the content script and lists the tab's videos. */
  readonly listVideosInTab: (request: { readonly tabId: number }) => readonly PageVideo[];
  /**
   * From the host and, when it has lost the host, the content script: keeps session state, toolbar and history. A
   * content script does not know its tab: in its messages `tabId` and `frameId` are 0 and the sender's hold.
   */
  readonly scanChanged: (request: { readonly scan: Scan; readonly facePicture: Blob | null }) => null;
  readonly deleteHistoryEntry: (request: { readonly scanId: string }) => null;
  /** Undo of a deletion; the entry as it was. */
  readonly restoreHistoryEntries: (request: { readonly entries: readonly HistoryEntry[] }) => null;
  readonly clearHistory: () => null;
  /** From the content script's card. */
  readonly openPage: (request: {
    readonly page: 'options' | 'details';
    readonly scanId: string | null;
  }) => null;

  /** From the popup, into which no code of the models goes: what is installed, latest first. */
  readonly listModels: () => readonly InstalledModel[];

  /** From the script that looks out for videos: puts the content script, which checks them, beside it. */
  readonly putContentScript: () => null;
  /** From the content script: whether an automatic check of this video is to begin, or what it has led to before. */
  readonly beginAutomatic: (request: {
    readonly postUrl: string | null;
    readonly fileUrl: string | null;
    readonly durationSeconds: number | null;
  }) => AutomaticBeginning;
  /** From the host, which has no storage API of its own. */
  readonly getBadgeSettings: () => BadgeSettings;
  /** From popup and options, before they ask the browser: its question may close the popup that awaits the answer. */
  readonly awaitPermission: (request: { readonly site: BadgeSite | null }) => null;
  /** From popup and options. Switched on only where the browser has given the permission. */
  readonly switchBadges: (request: { readonly site: BadgeSite; readonly isOn: boolean }) => null;

  // The script that looks out for videos, in every frame of a site where badges are on.
  /** Badges were switched off: it ends, and every badge goes. */
  readonly endBadges: () => null;

  // Content script, top frame or the addressed one.
  readonly checkVideo: (request: {
    readonly target: CheckTarget;
    readonly framesAsked: number | null;
  }) => CheckOutcome;
  readonly listVideos: () => readonly PageVideo[];
  readonly cancelScan: (request: { readonly scanId: string }) => null;

  // Host (offscreen document).
  readonly getScanDetails: (request: { readonly scanId: string }) => ScanDetails | null;
  /** A tab was closed: of a private window's, no crop stays in memory. */
  readonly forgetPrivateScans: (request: { readonly tabId: number }) => null;
  /** After a model was installed or deleted: sessions are dropped. */
  readonly modelsChanged: () => null;
  /** The user has changed what automatic checks may do. */
  readonly badgeSettingsChanged: (request: { readonly settings: BadgeSettings }) => null;
  readonly getAutomaticState: () => AutomaticState;
  /** For diagnostics and tests. */
  readonly getHostState: () => {
    readonly activeScans: number;
    readonly model: UsedModel | null;
    readonly state: ScanState['kind'] | null;
  };
  /** For tests. Lasts as long as the document. */
  readonly configureHost: (request: {
    /** After how long without a scan the host closes. */
    readonly idleCloseMilliseconds?: number;
    /** How late a timer of the host must ring for the machine to count as strained. */
    readonly lagMilliseconds?: number;
  }) => null;
};

export type MessageName = keyof ProtocolMap;
export type RequestOf<Name extends MessageName> =
  Parameters<ProtocolMap[Name]> extends [infer Request] ? Request : null;
export type ReplyOf<Name extends MessageName> = ReturnType<ProtocolMap[Name]>;
