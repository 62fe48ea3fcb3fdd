import type { DetectorErrorCode } from '../../utils/domain/errors.ts';
import type { InstallationState, InstallRequest } from '../../utils/domain/installation.ts';

/** To the Worker that installs: one installation, and its end before time. */
export type InstallCommand =
  { readonly type: 'install'; readonly request: InstallRequest } | { readonly type: 'cancel' };

/** What it says; the last three end it. */
export type InstallAnswer =
  | { readonly type: 'state'; readonly state: InstallationState }
  /** One network is there; with several, others may follow, or fail. */
  | { readonly type: 'model'; readonly modelId: string; readonly title: string }
  | { readonly type: 'installed' }
  | { readonly type: 'cancelled' }
  | { readonly type: 'failed'; readonly code: DetectorErrorCode; readonly message: string };
