import type * as v from 'valibot';
import type { DeepReadonly } from '../domain/verdict.ts';
import type { CONTENT_REQUESTS } from './from-content.ts';
import type {
  AutomaticBeginning,
  AutomaticState,
  BadgeSettings,
  BadgesOfFrame,
} from '../domain/automatic.ts';
import type { UsedModel, InstalledModel, SelfTest } from '../domain/model.ts';
import type { PartialDownload, InstallationState, InstallRequest } from '../domain/installation.ts';
import type { RepeatedScan, RepeatRequest } from '../domain/repeat.ts';
import type { CheckOutcome, CheckTarget, PageVideo } from '../domain/page-video.ts';
import type { ScanDetails, HistoryEntry, Scan, ScanState } from '../domain/scan.ts';
import type { Annotation } from '../domain/history.ts';
import type { StoredCrops } from './history-db.ts';
import type { PendingSite } from './badge-sites.ts';
import type { BadgeSite } from '../domain/sites.ts';
import type { RememberedVerdict } from './verdict-memory-db.ts';
import type { Settings } from '../domain/settings.ts';

/** A message of content scripts, whose request has a schema. */
type ContentRequest<Name extends keyof typeof CONTENT_REQUESTS, Reply> = (
  request: DeepReadonly<v.InferOutput<(typeof CONTENT_REQUESTS)[Name]>>,
) => Reply;

/**
 * Every message, by the context that answers it and by name: request and reply. Names are unique over all contexts. Content
 * scripts may ask only what the background's table declares with `fromContent`.
 */
export type ProtocolMap = {
  readonly background: {
    /** Opens the host document if it is not there. Content scripts ask it before they open their port. */
    readonly openHost: () => null;
    /** From the host, after some minutes without a scan: closes the host's document, and so frees all of its memory. */
    readonly hostIdle: () => null;
    /** From the host, which has no storage API of its own. */
    readonly getSettings: () => Settings;
    /** From the host, which has no storage API of its own. */
    readonly getBadgeSettings: () => BadgeSettings;
    /** From the host, which has no permissions API: whether the user has allowed files from this address's host. */
    readonly canReadHost: (request: { readonly url: string }) => boolean;
    /** From the host: whether a scan that a content script asks for may begin, by its ticket or its site's switch. */
    readonly admitScan: (request: {
      readonly ticket: string | null;
      readonly tabId: number;
      readonly frameId: number;
      /** Addresses of the tab's page and of the frame's document, as the browser says. */
      readonly pageUrl: string | null;
      readonly url: string | null;
      readonly usesScreen: boolean;
    }) => boolean;
    /** From the host: the tab's visible page as a `data:` PNG; null while the tab is not in front. */
    readonly captureTab: (request: { readonly tabId: number }) => string | null;
    /** From the host: keeps session state, toolbar and history. */
    readonly scanChanged: (request: { readonly scan: Scan; readonly facePicture: Blob | null }) => null;

    /** From the popup: injects the content script where the tab allows and starts the check. */
    readonly checkInTab: (request: {
      readonly tabId: number;
      /** null for the frame of the tab that holds the largest video. */
      readonly frameId: number | null;
      readonly target: CheckTarget;
      /** The user has asked for the screen; without it the host chooses the source. */
      readonly source?: 'screen';
    }) => CheckOutcome;
    /** From the popup, before it follows their videos: injects the content script. @returns the frames that hold it */
    readonly openFrames: (request: { readonly tabId: number }) => {
      readonly frameIds: readonly number[];
      /** false where a frame of the page does not answer. */
      readonly isComplete: boolean;
    };
    /** From the popup: hosts of the tab's large frames that the user would have to allow, the largest first. */
    readonly listClosedHosts: (request: { readonly tabId: number }) => readonly string[];
    /** From the popup, which contains no code of the models: the installed models, latest first. */
    readonly listModels: () => readonly InstalledModel[];
    /** From the popup: the downloads that were begun, latest first. */
    readonly listPartialDownloads: () => readonly PartialDownload[];
    /** Deletes entries, and the remembered verdict of each. */
    readonly deleteHistoryEntries: (request: { readonly scanIds: readonly string[] }) => null;
    /** Undo of a deletion: the entries and their faces as they were. */
    readonly restoreHistoryEntries: (request: {
      readonly entries: readonly HistoryEntry[];
      readonly crops?: readonly StoredCrops[];
    }) => null;
    /** The user's own label and note. */
    readonly annotateHistoryEntry: (request: {
      readonly scanId: string;
      readonly annotation: Annotation;
    }) => null;
    /** The user has switched the keeping of all faces off and wants all of them deleted. */
    readonly dropCrops: () => null;
    /** Deletes all entries and all remembered verdicts. */
    readonly clearHistory: () => null;
    /** Undo of `clearHistory`: the verdicts as they were. */
    readonly restoreVerdicts: (request: { readonly verdicts: readonly RememberedVerdict[] }) => null;
    /**
     * From popup and options, before they ask the browser: its question may close the popup that waits for the answer.
     */
    readonly awaitPermission: (request: PendingSite | null) => null;
    /** From popup and options. Badges are switched on only if the browser has given the permission. */
    readonly switchBadges: (request: { readonly site: BadgeSite; readonly isOn: boolean }) => null;

    /** From the card and the popup: opens a page of the extension. */
    readonly openPage: ContentRequest<'openPage', null>;
    /** From the card's button, which the user has just pressed: the browser asks the user. @returns whether allowed */
    readonly requestHost: ContentRequest<'requestHost', boolean>;
    /** From the badges script: puts the content script into its frame. */
    readonly putContentScript: () => null;
    /** The content script runs in the sender's frame. */
    readonly contentRuns: () => null;
    /** From the content script: puts a script that few checks need into its frame. */
    readonly putScript: ContentRequest<'putScript', null>;
    /** From the badges script: whether badges are on in its frame, and the settings that it needs. */
    readonly getBadges: () => BadgesOfFrame;
    /**
     * From the content script: whether an automatic check of this video is to begin, or the result of an earlier one.
     */
    readonly beginAutomatic: ContentRequest<'beginAutomatic', AutomaticBeginning>;
    /** From the content script, when the card of a quiet badge opens: whether the report page can show this scan. */
    readonly hasDetails: ContentRequest<'hasDetails', boolean>;
    /** From the card's button that begins another check of the video. `framesAsked` is null for as many as possible. */
    readonly askAgain: ContentRequest<
      'askAgain',
      { readonly ticket: string; readonly framesAsked: number | null }
    >;
    /** From the content script, which has lost the host: the host can't report that its scan has failed. */
    readonly scanLost: ContentRequest<'scanLost', null>;
  };

  /** The script that looks out for videos, in every frame of a site where badges are on. */
  readonly badges: {
    /**
     * The user's choices have changed, so the script asks for those of its frame. Where badges are off, it ends, and
     * every badge is removed.
     */
    readonly badgesChanged: () => null;
  };

  /** The content script of one frame. */
  readonly content: {
    readonly checkVideo: (request: {
      readonly target: CheckTarget;
      readonly framesAsked: number | null;
      readonly ticket: string;
      readonly source?: 'screen';
    }) => CheckOutcome;
    readonly listVideos: () => readonly PageVideo[];
    readonly cancelScan: (request: { readonly scanId: string }) => null;
  };

  /** The host (Chrome's offscreen document). */
  readonly host: {
    readonly getScanDetails: (request: { readonly scanId: string }) => ScanDetails | null;
    /**
     * Judges the kept pictures of a report again: by the report's own model where it is installed, else by the one that judges
     * now. The host must have been opened (`openHost`).
     */
    readonly repeatScan: (request: RepeatRequest) => RepeatedScan;
    /** A tab was closed. If it was in a private window, its crops are removed from memory. */
    readonly forgetPrivateScans: (request: { readonly tabId: number }) => null;
    /**
     * Begins an installation, or leaves the one that is under way alone. The states come over the channel of
     * installation-client.ts. The host must have been opened (`openHost`).
     */
    readonly startInstallation: (request: InstallRequest) => InstallationState;
    /** Cancels the installation. The fetched bytes stay for the next attempt. */
    readonly cancelInstallation: () => null;
    readonly getInstallation: () => InstallationState;
    /** Judges a fixed picture with an installed model on every device. The result decides where the model runs. */
    readonly testModel: (request: { readonly modelId: string }) => SelfTest;
    /** A model was installed or deleted: the host releases its sessions. */
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
    /** For tests. The values hold as long as the document. */
    readonly configureHost: (request: {
      /** The time without a scan after which the host closes. */
      readonly idleCloseMilliseconds?: number;
    }) => null;
  };
};

export type MessageOwner = keyof ProtocolMap;
type Messages = ProtocolMap['background'] &
  ProtocolMap['badges'] &
  ProtocolMap['content'] &
  ProtocolMap['host'];

/** The names of one context's messages, or of all. */
export type MessageName<Owner extends MessageOwner = MessageOwner> = {
  readonly [Each in Owner]: keyof ProtocolMap[Each];
}[Owner] &
  keyof Messages;
export type RequestOf<Name extends MessageName> =
  Parameters<Messages[Name]> extends [infer Request] ? Request : null;
export type ReplyOf<Name extends MessageName> = ReturnType<Messages[Name]>;
