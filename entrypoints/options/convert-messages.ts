import type { WeightDtype } from '../../models/genconvit/conversion-options.ts';
import type { InstallProgress } from '../../models/store/install-model.ts';
import type { DetectorErrorCode } from '../../utils/errors.ts';
import type { InstalledModel } from '../../utils/protocol.ts';

/** To the Worker that converts: one installation, and its end before time. */
export type ConvertRequest =
  | { readonly type: 'install'; readonly file: File; readonly dtype: WeightDtype }
  | { readonly type: 'cancel' };

/** What it answers; the last three end the installation. */
export type ConvertReply =
  | { readonly type: 'progress'; readonly progress: InstallProgress }
  | { readonly type: 'installed'; readonly model: InstalledModel }
  | { readonly type: 'cancelled' }
  | { readonly type: 'failed'; readonly code: DetectorErrorCode; readonly message: string };
