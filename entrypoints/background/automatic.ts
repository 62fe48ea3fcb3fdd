import { MIN_JUDGED_FRAMES } from '../../models/scan/aggregate-verdict.ts';
import { reportOfVerdict } from '../../utils/domain/report.ts';
import type { ScanReport, FrameSourceKind } from '../../utils/domain/report.ts';
import { BROWSER_STORE } from '../../models/store/browser-store.ts';
import { listModels } from '../../models/store/model-store.ts';
import { readBadgeSettings } from '../../utils/browser/badge-settings.ts';
import { isOfSites, readBadgeSites } from '../../utils/browser/badge-sites.ts';
import { chooseModels } from '../../utils/domain/choose-models.ts';
import { videoKeys } from '../../utils/domain/memory-keys.ts';
import type { MessageSender } from '../../utils/browser/from-content.ts';
import type { RequestOf } from '../../utils/browser/protocol.ts';
import type { Scan } from '../../utils/domain/scan.ts';
import { readSettings } from '../../utils/browser/settings.ts';
import { recallVerdict, rememberVerdict } from '../../utils/browser/verdict-memory-db.ts';
import { isPausedByUser } from '../../utils/domain/automatic.ts';
import type { AutomaticBeginning } from '../../utils/domain/automatic.ts';
import { DEFAULT_SETTINGS, MAX_FRAMES } from '../../utils/domain/settings.ts';
import { postAddress } from '../../utils/domain/post-sites.ts';
import type { BadgeSite } from '../../utils/domain/sites.ts';

/** Whether a playing video is to be scanned, or its remembered verdict by the model that would judge it now. */
export async function beginAutomatic(
  video: RequestOf<'beginAutomatic'>,
  { isPrivate, url }: MessageSender,
): Promise<AutomaticBeginning> {
  // The script does not know yet that badges were switched off for its site.
  if (!isOfSites(url, await readBadgeSites())) return { kind: 'not-now' };
  const [badgeSettings, settings, models] = await Promise.all([
    readBadgeSettings(),
    readSettings(),
    listModels(BROWSER_STORE),
  ]);
  const chosen = chooseModels(models, settings.modelId);
  if (chosen.length === 0 || isPausedByUser(badgeSettings, Date.now())) return { kind: 'not-now' };
  // As the host names what judges together.
  const modelId = chosen.map((model) => model.modelId).join('+');
  // A private window may use a remembered verdict, but the use is not stored.
  const remembered = await recallVerdict(await videoKeys(video), modelId, isPrivate ? null : Date.now());
  if (remembered === null) {
    // An early stop needs a number of frames, which "as many as possible" is not.
    return { kind: 'check', framesAsked: settings.framesAsked ?? DEFAULT_SETTINGS.framesAsked ?? MAX_FRAMES };
  }
  const { scanId, verdict, model } = remembered;
  const { bands } = BROWSER_STORE.registry.get(chosen[0]!.detectorId);
  const report = reportOfVerdict(verdict, { source: null, screenScale: null, model }, bands);
  return { kind: 'remembered', scanId, state: { kind: 'finished', report } };
}

/** Remembers the verdict of a scan, by hand or automatic, unless it is of a private window. */
export async function rememberScan(scan: Scan): Promise<void> {
  const { scanId, video, state, isPrivate } = scan;
  if (isPrivate || state.kind !== 'finished' || state.report.used.model === null) return;
  if (!isWorthRemembering(state.report)) return;
  const known = knownAgain(scan, state.report.used.source, await readBadgeSites());
  const keys = await videoKeys({ ...known, durationSeconds: video.durationSeconds });
  if (keys.post === null && keys.file === null) return;
  const now = Date.now();
  await rememberVerdict({
    scanId,
    keys,
    verdict: state.report.verdict,
    model: state.report.used.model,
    finishedAt: now,
    usedAt: now,
  });
}

/**
 * Whether a later scan could hardly give another verdict. Refusals for too few frames or an unreadable picture are not
 * remembered, nor are verdicts of the screen, or of fewer frames than a verdict on a playing video needs.
 */
export function isWorthRemembering({ verdict, used }: ScanReport): boolean {
  if (used.source === 'screen') return false;
  return verdict.kind === 'refused'
    ? ['no-face', 'face-too-small', 'face-turned'].includes(verdict.reason) &&
        verdict.framesScanned >= MIN_JUDGED_FRAMES
    : verdict.framesUsed >= MIN_JUDGED_FRAMES &&
        // What one page does to the video says nothing about another page.
        !verdict.doubts.includes('covered-by-page') &&
        !verdict.doubts.includes('altered-by-page');
}

/** The addresses under which a verdict may be shown on other pages; null for an address that only the page claims. */
export type KnownAgain = { readonly postUrl: string | null; readonly fileUrl: string | null };

/**
 * The addresses by which a scanned video's verdict may be remembered. A remembered verdict is shown on every page with that
 * address, so no page may give its own clip the address of another page's video.
 * @param source of the scan's frames
 * @param sites where badges are on
 */
export function knownAgain(
  { video, documentUrl = '' }: Pick<Scan, 'video' | 'documentUrl'>,
  source: FrameSourceKind | null,
  sites: readonly BadgeSite[],
): KnownAgain {
  const { fileUrl, postUrl = null, isServed = false } = video;
  const isFileKnown =
    fileUrl !== null && (source === 'source' || isOwnFile(fileUrl, documentUrl, sites) || isTrusted());
  return {
    postUrl: postUrl !== null && isOwnPost(postUrl, documentUrl) ? postUrl : null,
    fileUrl: isFileKnown ? fileUrl : null,
  };

  /** The user has chosen this site, and no service worker can replace the file that the browser loads. */
  function isTrusted(): boolean {
    return !isServed && isOfSites(documentUrl, sites);
  }
}

/** A site may name its own files, wherever it keeps them: it could replace them anyway. */
function isOwnFile(fileUrl: string, documentUrl: string, sites: readonly BadgeSite[]): boolean {
  if (!URL.canParse(fileUrl) || !URL.canParse(documentUrl)) return false;
  const { origin } = new URL(fileUrl);
  // All opaque origins are written `null`.
  if (origin !== 'null' && origin === new URL(documentUrl).origin) return true;
  return sites.some((site) => isOfSites(documentUrl, [site]) && isOfSites(fileUrl, [site]));
}

/** @param postUrl as {@link postAddress} gives it, which leaves out where on a site (`www.`, `m.`) the page was */
function isOwnPost(postUrl: string, documentUrl: string): boolean {
  if (!URL.canParse(documentUrl) || !URL.canParse(`https://${postUrl}`)) return false;
  const { hostname } = new URL(documentUrl);
  const link = new URL(`https://${postUrl}`);
  const inPage = new URL(link);
  inPage.hostname = hostname;
  return [link, inPage].some((address) => postAddress(address, hostname) === postUrl);
}
