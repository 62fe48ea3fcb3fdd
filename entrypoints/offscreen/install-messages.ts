import type { DetectorErrorCode } from '../../utils/errors.ts';
import type { InstallationState, InstallRequest } from '../../utils/installation.ts';

/** To the Worker that installs: one installation, and its end before time. */
export type InstallCommand =
  { readonly type: 'install'; readonly request: InstallRequest } | { readonly type: 'cancel' };

/** What it says; the last three end it. */
export type InstallAnswer =
  | { readonly type: 'state'; readonly state: InstallationState }
  | { readonly type: 'installed'; readonly modelIds: readonly string[] }
  | { readonly type: 'cancelled' }
  | { readonly type: 'failed'; readonly code: DetectorErrorCode; readonly message: string };
