import { validBadgeSettings } from '../domain/automatic.ts';
import { createStoredItem } from './stored-item.ts';

const item = createStoredItem({ key: 'local:badge-settings', valid: validBadgeSettings });

/** The user's choices about badges. A value that was never chosen, or is not valid, is the default. */
export const { read: readBadgeSettings, watch: watchBadgeSettings, change: changeBadgeSettings } = item;
