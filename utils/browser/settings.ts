import * as v from 'valibot';
import { FALSE_ALARM_CHOICES } from '../domain/calibration.ts';
import { DEFAULT_SETTINGS, MAX_FRAMES, MIN_FRAMES } from '../domain/settings.ts';
import type { Settings } from '../domain/settings.ts';
import { createStoredItem, validBySchema } from './stored-item.ts';

const schema = v.object({
  framesAsked: v.fallback(
    v.nullable(
      v.pipe(
        v.number(),
        v.integer(),
        // A number that no page of this version would write must not end every check.
        v.transform((frames) => Math.min(MAX_FRAMES, Math.max(MIN_FRAMES, frames))),
      ),
    ),
    DEFAULT_SETTINGS.framesAsked,
  ),
  keepFacePictures: v.fallback(v.boolean(), DEFAULT_SETTINGS.keepFacePictures),
  modelId: v.fallback(v.nullable(v.string()), DEFAULT_SETTINGS.modelId),
  falseAlarmsOf100: v.fallback(
    v.nullable(v.picklist(FALSE_ALARM_CHOICES)),
    DEFAULT_SETTINGS.falseAlarmsOf100,
  ),
});

const item = createStoredItem<Settings>({
  key: 'local:settings',
  valid: validBySchema(schema, DEFAULT_SETTINGS),
});

/** The user's settings, with the defaults for each value that was never chosen or is not valid. */
export const { read: readSettings, watch: watchSettings, change: changeSettings } = item;
