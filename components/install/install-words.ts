import type { DownloadWait, InstallationState, InstallProgress } from '../../utils/domain/installation.ts';
import { formatBytes, formatTimeLeft } from '../format.ts';
import type { PartialDownload } from '../../utils/domain/installation.ts';
import type { WeightDtype } from '../../utils/domain/model.ts';

/** Where the published networks come from, as everybody calls it. */
export const PUBLISHER_HOST = 'huggingface.co';

/** What each form of the weights means to someone who has to choose one. */
export const DTYPE_MEANINGS: Readonly<Record<WeightDtype, string>> = {
  fp16: 'Half the size, and scores that hardly move.',
  fp32: 'The weights, unchanged.',
  int8: 'Smaller still, and meant for computers without a graphics card. Scores move a little.',
  int4: 'The smallest, and meant for graphics cards. Scores move a little.',
};

/** The state in a few words, without full stop: the title over its progress. Null where nothing runs. */
export function installTitle(state: InstallationState): string | null {
  switch (state.kind) {
    case 'preparing':
      return `Preparing ${state.title}`;
    case 'downloading': {
      const which = state.steps > 1 ? ` (${String(state.step)} of ${String(state.steps)})` : '';
      return `Downloading ${state.title}${which}`;
    }
    case 'converting':
      return `Converting ${state.title}`;
    case 'checking':
      return `Checking ${state.title}`;
    case 'copying':
      return `Copying ${state.title}`;
    case 'testing':
      return `Testing ${state.title} on this computer`;
    case 'idle':
    case 'installed':
    case 'cancelled':
    case 'failed':
      return null;
  }
}

/** How far a state is; null where it has no bytes to count. */
export function progressOf(state: InstallationState): InstallProgress | null {
  return 'progress' in state ? state.progress : null;
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
  switch (reason) {
    case 'offline':
      return 'This computer is offline. The download goes on by itself as soon as it is connected again.';
    case 'busy':
      return `The publisher’s server asks to wait. The download goes on ${fromNow(until, now)}.`;
    case 'broken':
      return `The connection broke off. The download goes on ${fromNow(until, now)}.`;
  }
}

/** What cancelling has left. */
export function cancelledWords(partials: readonly PartialDownload[]): string {
  return partials.length > 0 ? 'Cancelled. What was fetched is kept.' : 'Cancelled. Nothing was kept.';
}

/**
 * What a screen reader is told while something is being installed: what begins, each quarter, why it stands still. The
 * same text as long as there is nothing new to say, so that not every byte is read out.
 */
export function announcementOf(state: InstallationState): string {
  const title = installTitle(state);
  if (title === null) return '';
  if (state.kind === 'downloading' && state.wait !== null) {
    return WAIT_ANNOUNCEMENTS[state.wait.reason];
  }
  const progress = progressOf(state);
  if (progress === null || progress.totalByteLength === 0) return title;
  const quarter = Math.floor((4 * progress.doneByteLength) / progress.totalByteLength);
  return [title, ...(QUARTERS[quarter] ?? [])].join('. ');
}

const QUARTERS: readonly (readonly string[])[] = [
  [],
  ['A quarter is done'],
  ['Half is done'],
  ['Three quarters are done'],
  ['All of it is done'],
];

// Without the time that is left, which changes each second.
const WAIT_ANNOUNCEMENTS: Readonly<Record<DownloadWait['reason'], string>> = {
  offline: 'The download waits: this computer is offline',
  busy: 'The download waits: the publisher’s server asks for it',
  broken: 'The download waits: the connection broke off',
};

function join(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' · ');
}

function bytesWords({ doneByteLength, totalByteLength }: InstallProgress): string {
  return `${formatBytes(doneByteLength)} of ${formatBytes(totalByteLength)}`;
}

// Nothing is said of a pace that is not known, or of none at all.
function speedWords({ bytesPerSecond }: InstallProgress): string {
  return bytesPerSecond === null || bytesPerSecond <= 0
    ? ''
    : `${formatBytes(Math.round(bytesPerSecond))} a second`;
}

function timeLeftWords({ doneByteLength, totalByteLength, bytesPerSecond }: InstallProgress): string {
  if (bytesPerSecond === null || bytesPerSecond <= 0) return '';
  return formatTimeLeft(Math.max(0, totalByteLength - doneByteLength) / bytesPerSecond);
}

/** "now", "in 12 seconds", "in about 3 minutes" */
function fromNow(until: number, now: number): string {
  const seconds = Math.ceil((until - now) / 1000);
  if (seconds <= 0) return 'now';
  if (seconds === 1) return 'in a second';
  if (seconds < 100) return `in ${String(seconds)} seconds`;
  return `in about ${String(Math.round(seconds / 60))} minutes`;
}
