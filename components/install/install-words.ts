import type { DownloadWait, InstallationState, InstallProgress } from '../../utils/domain/installation.ts';
import { formatBytes, formatTimeLeft } from '../format.ts';
import { t } from '../texts.tsx';
import type { PartialDownload } from '../../utils/domain/installation.ts';

/** Where the published networks come from, as the address bar shows it. */
export const PUBLISHER_HOST = 'huggingface.co';

/** The state in a few words, without full stop: the title over its progress. Null where nothing runs. */
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
      // A folder that was dropped has no name.
      return t(`install.state.${state.kind}`, { title: state.title || t('install.folder') });
    case 'idle':
    case 'installed':
    case 'cancelled':
    case 'failed':
      return null;
  }
}

/** The bytes that a state has done; null if it counts none. */
export function progressOf(state: InstallationState): InstallProgress | null {
  return 'progress' in state && state.progress.totalByteLength > 0 ? state.progress : null;
}

/** "45 MB of 121 MB · 3.2 MB a second · about 30 seconds left" */
export function progressWords(progress: InstallProgress): string {
  return join([bytesWords(progress), speedWords(progress), timeLeftWords(progress)]);
}

/** The same where there is little room: "45 MB of 121 MB · about 30 seconds left" */
export function shortProgressWords(progress: InstallProgress): string {
  return join([bytesWords(progress), timeLeftWords(progress)]);
}

/** Why the download stands still, and when it goes on. @param now milliseconds since the epoch */
export function waitWords({ reason, until }: DownloadWait, now: number): string {
  if (reason === 'offline') return t('install.wait.offline');
  const seconds = Math.ceil((until - now) / 1000);
  if (seconds <= 0) return t(`install.wait.${reason}.now`);
  if (seconds < 100) return t(`install.wait.${reason}.seconds`, seconds, { seconds });
  return t(`install.wait.${reason}.minutes`, { minutes: Math.round(seconds / 60) });
}

/** What cancelling has left. */
export function cancelledWords(partials: readonly PartialDownload[]): string {
  return t(partials.length > 0 ? 'install.cancelledKept' : 'install.cancelled');
}

/**
 * What a screen reader is told while something is being installed: what begins, each quarter, why it stands still. The
 * same text as long as there is nothing new to say, so that not every byte is read out.
 */
export function announcementOf(state: InstallationState): string {
  const title = installTitle(state);
  if (title === null) return '';
  if (state.kind === 'downloading' && state.wait !== null) {
    // Without the time that is left, which changes each second.
    const { reason } = state.wait;
    return t(
      reason === 'offline' ? 'install.wait.offlineAnnouncement' : `install.wait.${reason}.announcement`,
    );
  }
  const progress = progressOf(state);
  if (progress === null) return title;
  const quarter = QUARTERS[Math.floor((4 * progress.doneByteLength) / progress.totalByteLength) - 1];
  return quarter === undefined ? title : t('install.announcement', { title, progress: t(quarter) });
}

const QUARTERS = [
  'install.quarters.one',
  'install.quarters.two',
  'install.quarters.three',
  'install.quarters.all',
] as const;

function join(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' · ');
}

function bytesWords({ doneByteLength, totalByteLength }: InstallProgress): string {
  return t('install.bytes', { done: formatBytes(doneByteLength), all: formatBytes(totalByteLength) });
}

// A speed that is not known, or is none, is left out.
function speedWords({ bytesPerSecond }: InstallProgress): string {
  return bytesPerSecond === null || bytesPerSecond <= 0
    ? ''
    : t('install.speed', { size: formatBytes(Math.round(bytesPerSecond)) });
}

function timeLeftWords({ doneByteLength, totalByteLength, bytesPerSecond }: InstallProgress): string {
  if (bytesPerSecond === null || bytesPerSecond <= 0) return '';
  return formatTimeLeft(Math.max(0, totalByteLength - doneByteLength) / bytesPerSecond);
}
