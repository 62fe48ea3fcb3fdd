import * as v from 'valibot';
import { allNetworksOf } from './choose-models.ts';
import { historyDays } from './settings.ts';
import type { Settings } from './settings.ts';
import { badgeSiteOf } from './sites.ts';
import type { BadgeSite } from './sites.ts';

const MAX_SITES = 200;

/** What an administrator has set for the extension; a missing field leaves the choice to the user. public/managed-schema.json says the same to the browser. */
const policySchema = v.strictObject({
  /** Id of the detector that judges. */
  detector: v.exactOptional(v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,64}$/))),
  /** Hosts of the only sites where badges may be switched on. */
  badgeSites: v.exactOptional(
    v.pipe(
      v.array(
        v.pipe(
          v.string(),
          v.check((host) => siteOfHost(host) !== null),
        ),
      ),
      v.maxLength(MAX_SITES),
    ),
  ),
  /** After how many days the history forgets a scan; 0 for never. */
  historyDays: v.exactOptional(v.union([v.literal(0), historyDays])),
  /** false: no network may be downloaded. */
  downloads: v.exactOptional(v.boolean()),
});
export type Policy = v.InferOutput<typeof policySchema>;

export type PolicyState = {
  /** Without any field where there is no policy, or none that can be read. */
  readonly policy: Policy;
  /** Name of the field that makes a policy invalid as a whole; null where the policy is valid. */
  readonly problem: string | null;
};

/** A policy that is not valid in one field is ignored as a whole: an administrator must not believe that half of it holds. */
export function parsePolicy(stored: unknown): PolicyState {
  const parsed = v.safeParse(policySchema, stored);
  if (parsed.success) return { policy: parsed.output, problem: null };
  return { policy: {}, problem: v.getDotPath(parsed.issues[0])?.split('.')[0] ?? '' };
}

/** The user's settings, with the administrator's values in place of the user's own. */
export function withPolicy(settings: Settings, { policy }: PolicyState): Settings {
  const { detector, historyDays: days } = policy;
  return {
    ...settings,
    ...(detector !== undefined && { modelId: allNetworksOf(detector) }),
    ...(days !== undefined && { historyDays: days === 0 ? null : days }),
  };
}

/** Whether badges may be on on a site. */
export function isSiteAllowed({ siteId }: Pick<BadgeSite, 'siteId'>, { policy }: PolicyState): boolean {
  return (
    policy.badgeSites === undefined || policy.badgeSites.some((host) => siteOfHost(host)?.siteId === siteId)
  );
}

/** The sites that an administrator has named; null where the user chooses. */
export function sitesOfPolicy({ policy }: PolicyState): readonly BadgeSite[] | null {
  return policy.badgeSites?.flatMap((host) => siteOfHost(host) ?? []) ?? null;
}

function siteOfHost(host: string): BadgeSite | null {
  return /^[a-z0-9.-]+$/i.test(host) ? badgeSiteOf(`https://${host}/`) : null;
}
