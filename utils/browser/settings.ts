import * as v from 'valibot';
import { FALSE_ALARM_CHOICES } from '../domain/calibration.ts';
import { DEFAULT_SETTINGS, historyDays, MAX_FRAMES, MIN_FRAMES } from '../domain/settings.ts';
import type { Settings } from '../domain/settings.ts';
import { withPolicy } from '../domain/policy.ts';
import { readPolicy, watchPolicy } from './policy.ts';
import { createStoredItem, validBySchema } from './stored-item.ts';

const schema = v.object({
  framesAsked: v.fallback(
    v.nullable(
      v.pipe(
        v.number(),
        v.integer(),
        // A number that no page of this version would store must not make every check fail.
        v.transform((frames) => Math.min(MAX_FRAMES, Math.max(MIN_FRAMES, frames))),
      ),
    ),
    DEFAULT_SETTINGS.framesAsked,
  ),
  keepFacePictures: v.fallback(v.boolean(), DEFAULT_SETTINGS.keepFacePictures),
  keepCrops: v.fallback(v.boolean(), DEFAULT_SETTINGS.keepCrops),
  historyDays: v.fallback(v.nullable(historyDays), DEFAULT_SETTINGS.historyDays),
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

/** The user's own choices, without the administrator's values. */
export const readOwnSettings = item.read;

/**
 * The user's settings. A value that was never chosen, or is not valid, is the default; the administrator's values
 * replace the user's own.
 */
export async function readSettings(): Promise<Settings> {
  const [settings, policy] = await Promise.all([item.read(), readPolicy()]);
  return withPolicy(settings, policy);
}

/**
 * Calls back when any context, or the administrator, changes the settings.
 * @returns stops watching
 */
export function watchSettings(onChange: (settings: Settings) => void): () => void {
  const stops = [
    item.watch((settings) => void readPolicy().then((policy) => onChange(withPolicy(settings, policy)))),
    watchPolicy((policy) => void item.read().then((settings) => onChange(withPolicy(settings, policy)))),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/**
 * Changes some of the user's own settings. While the administrator has set one of them, the user's value is stored but
 * hidden.
 */
export const changeSettings = item.change;
