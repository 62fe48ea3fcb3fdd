import type {
  DownloadWait,
  InstallationState,
  InstallProgress,
  PartialDownload,
} from '../../utils/domain/installation.ts';
import { formatBytes, formatTimeLeft } from '../format.ts';
import { t } from '../texts.tsx';

/** The host of the published networks, as the address bar shows it. */
export const PUBLISHER_HOST = 'huggingface.co';

/** The state in a few words, without a full stop: the title over the progress. null if no installation runs. */
export function installTitle(state: InstallationState): string | null {
  switch (state.kind) {
    case 'downloading': {
      const { title, step, steps } = state;
      return steps > 1
        ? t('install.state.downloadingStep', { title, step, steps })
        : t('install.state.downloading', { title });
    }
    case 'preparing':
    case 'converting':
    case 'checking':
    case 'copying':
    case 'testing':
      // A dropped folder has no name.
      return t(`install.state.${state.kind}`, { title: state.title || t('install.folder') });
    case 'idle':
    case 'installed':
    case 'cancelled':
    case 'failed':
      return null;
  }
}

/** The progress of a state in bytes; null if the state counts none. */
export function progressOf(state: InstallationState): InstallProgress | null {
  return 'progress' in state && state.progress.totalByteLength > 0 ? state.progress : null;
}

/** "45 MB of 121 MB · 3.2 MB a second · about 30 seconds left" */
export function progressWords(progress: InstallProgress): string {
  return join([bytesWords(progress), speedWords(progress), timeLeftWords(progress)]);
}

/** As {@link progressWords}, without the speed, for narrow places: "45 MB of 121 MB · about 30 seconds left" */
export function shortProgressWords(progress: InstallProgress): string {
  return join([bytesWords(progress), timeLeftWords(progress)]);
}

/** Why the download waits, and when it goes on. @param now milliseconds since the epoch */
export function waitWords({ reason, until }: DownloadWait, now: number): string {
  if (reason === 'offline') return t('install.wait.offline');
  const seconds = Math.ceil((until - now) / 1000);
  if (seconds <= 0) return t(`install.wait.${reason}.now`);
  if (seconds < 100) return t(`install.wait.${reason}.seconds`, seconds, { seconds });
  return t(`install.wait.${reason}.minutes`, { minutes: Math.round(seconds / 60) });
}

/** The sentence after a cancellation: whether the fetched bytes are kept. */
export function cancelledWords(partials: readonly PartialDownload[]): string {
  return t(partials.length > 0 ? 'install.cancelledKept' : 'install.cancelled');
}

/**
 * The text for screen readers during an installation. It names each step, each quarter, and the reason why a download
 * waits. It stays the same between these, so that a screen reader does not read every byte.
 */
export function announcementOf(state: InstallationState): string {
  const title = installTitle(state);
  if (title === null) return '';
  if (state.kind === 'downloading' && state.wait !== null) {
    // The remaining time is left out, since it changes each second.
    const { reason } = state.wait;
    return t(
      reason === 'offline' ? 'install.wait.offlineAnnouncement' : `install.wait.${reason}.announcement`,
    );
  }
  const progress = progressOf(state);
  if (progress === null) return title;
  const quarter = QUARTERS[Math.floor((4 * progress.doneByteLength) / progress.totalByteLength) - 1];
  if (quarter === undefined) return title;
  return t('install.announcement', { title, progress: t(`install.quarters.${quarter}`) });
}

const QUARTERS = ['one', 'two', 'three', 'all'] as const;

function join(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' · ');
}

function bytesWords({ doneByteLength, totalByteLength }: InstallProgress): string {
  return t('install.bytes', { done: formatBytes(doneByteLength), all: formatBytes(totalByteLength) });
}

/** Empty if the speed is unknown or zero. */
function speedWords({ bytesPerSecond }: InstallProgress): string {
  if (bytesPerSecond === null || bytesPerSecond <= 0) return '';
  return t('install.speed', { size: formatBytes(Math.round(bytesPerSecond)) });
}

function timeLeftWords({ doneByteLength, totalByteLength, bytesPerSecond }: InstallProgress): string {
  if (bytesPerSecond === null || bytesPerSecond <= 0) return '';
  return formatTimeLeft(Math.max(0, totalByteLength - doneByteLength) / bytesPerSecond);
}
