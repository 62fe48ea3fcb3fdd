import * as v from 'valibot';
import { FALSE_ALARM_CHOICES } from './calibration.ts';
import { BUDGETS } from './automatic.ts';
import type { BadgeSettings } from './automatic.ts';
import { historyDays, MAX_FRAMES, MIN_FRAMES } from './settings.ts';
import type { Settings } from './settings.ts';
import { badgeSiteOf, knownBadgeSites } from './sites.ts';
import type { BadgeSite } from './sites.ts';

/**
 * The settings as a JSON file: what is chosen in the options, and the sites with badges by their names. Patterns of hosts are
 * never taken from a file: they are made of the names here.
 */
const SETTINGS_FORMAT = 'trueframe-settings';
/** Raised with every change that older code can't read. */
const SETTINGS_FILE_VERSION = 1;
/** Bytes of a file: some settings and a list of sites. A page reads it at once. */
export const MAX_SETTINGS_BYTES = 100_000;
/** As many sites as can be switched on. */
const MAX_SITES = 200;

/** All settings but the pause, which ends by itself. */
type KeptBadgeSettings = Omit<BadgeSettings, 'pausedUntil'>;

/** All settings that can be chosen. */
export type AllSettings = Settings & KeptBadgeSettings & { readonly badgeSites: readonly BadgeSite[] };
export type SettingKey = keyof AllSettings;

const flag = v.boolean();
const fields = {
  framesAsked: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(MIN_FRAMES), v.maxValue(MAX_FRAMES))),
  keepFacePictures: flag,
  keepCrops: flag,
  historyDays: v.nullable(historyDays),
  modelId: v.nullable(v.pipe(v.string(), v.maxLength(300))),
  falseAlarmsOf100: v.nullable(v.picklist(FALSE_ALARM_CHOICES)),
  budget: v.picklist(BUDGETS),
  isPausedEverywhere: flag,
  onlyPluggedIn: flag,
  notOnMetered: flag,
  showsInFullScreen: flag,
  badgeSites: v.pipe(v.array(v.string()), v.maxLength(MAX_SITES)),
} satisfies Record<SettingKey, v.GenericSchema>;

/** The names of all settings, in the order in which pages list them. */
const SETTING_KEYS = Object.keys(fields) as readonly SettingKey[];

const head = v.object({
  format: v.literal(SETTINGS_FORMAT),
  version: v.pipe(v.number(), v.integer()),
  settings: v.record(v.string(), v.unknown()),
});

export function settingsFile(settings: AllSettings): string {
  const values = { ...pick(settings), badgeSites: settings.badgeSites.map(({ siteId }) => siteId) };
  return `${JSON.stringify({ format: SETTINGS_FORMAT, version: SETTINGS_FILE_VERSION, settings: values }, null, 2)}\n`;
}

function pick(settings: AllSettings): AllSettings {
  return Object.fromEntries(SETTING_KEYS.map((key) => [key, settings[key]])) as unknown as AllSettings;
}

/** Why a file is not imported. Nothing has changed then. */
export type SettingsProblem =
  | { readonly code: 'too-large' | 'not-json' | 'foreign' | 'newer' | 'older' }
  /** @property key the name of the value that is not right, as the file has it */
  | { readonly code: 'invalid'; readonly key: string };

/** Validates a file as a whole: if one value is missing, unknown or not right, none is imported. */
export function parseSettingsFile(
  content: string,
): { readonly settings: AllSettings } | { readonly problem: SettingsProblem } {
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch {
    return { problem: { code: 'not-json' } };
  }
  const parsed = v.safeParse(head, json);
  if (!parsed.success) return { problem: { code: 'foreign' } };
  const { version, settings: stored } = parsed.output;
  if (version > SETTINGS_FILE_VERSION) return { problem: { code: 'newer' } };
  if (version < SETTINGS_FILE_VERSION) return { problem: { code: 'older' } };
  const settings = v.safeParse(v.strictObject(fields), stored);
  if (!settings.success) {
    return { problem: { code: 'invalid', key: v.getDotPath(settings.issues[0])?.split('.')[0] ?? '' } };
  }
  const badgeSites = settings.output.badgeSites.map(siteOfName);
  if (!badgeSites.every((site) => site !== null)) return { problem: { code: 'invalid', key: 'badgeSites' } };
  return { settings: { ...settings.output, badgeSites } };
}

/** The names of settings whose values differ. */
export function changedSettings(from: AllSettings, to: AllSettings): readonly SettingKey[] {
  const written = (settings: AllSettings, key: SettingKey): string =>
    JSON.stringify(
      key === 'badgeSites' ? settings.badgeSites.map(({ siteId }) => siteId).toSorted() : settings[key],
    );
  return SETTING_KEYS.filter((key) => written(from, key) !== written(to, key));
}

function siteOfName(name: string): BadgeSite | null {
  const known = knownBadgeSites().find(({ siteId }) => siteId === name);
  if (known !== undefined) return known;
  return /^[a-z0-9.-]+$/i.test(name) ? badgeSiteOf(`https://${name}/`) : null;
}
