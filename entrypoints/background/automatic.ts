import { calibrationOf } from '../../models/scan/aggregate-verdict.ts';
import { MIN_JUDGED_FRAMES } from '../../models/scan/quality-gate.ts';
import { reportOfVerdict } from '../../utils/domain/report.ts';
import type { FrameSourceKind, ScanReport, ScoreBands } from '../../utils/domain/report.ts';
import { BROWSER_STORE } from '../../models/store/browser-store.ts';
import { listModels } from '../../models/store/model-store.ts';
import { readBadgeSettings } from '../../utils/browser/badge-settings.ts';
import { readBadgeSites } from '../../utils/browser/badge-sites.ts';
import { bandsFor } from '../../utils/domain/calibration.ts';
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
import { postAddress, postOfLinks } from '../../utils/domain/post-sites.ts';
import { isBadgeFrame } from '../../utils/domain/sites.ts';

/** Whether a playing video is to be scanned, or its remembered verdict by the model that would judge it now. */
export async function beginAutomatic(
  video: RequestOf<'beginAutomatic'>,
  { isPrivate, url, pageUrl }: MessageSender,
): Promise<AutomaticBeginning> {
  // The script does not know yet that badges were switched off for its site.
  if (!isBadgeFrame({ pageUrl, url }, await readBadgeSites())) return { kind: 'not-now' };
  const [badgeSettings, settings, models] = await Promise.all([
    readBadgeSettings(),
    readSettings(),
    listModels(BROWSER_STORE),
  ]);
  const chosen = chooseModels(models, settings.modelId);
  if (chosen[0] === undefined || isPausedByUser(badgeSettings, Date.now())) return { kind: 'not-now' };
  const postUrl = postOfLinks(video.links, url ?? '');
  // The id by which the host names several models that judge together.
  const modelId = chosen.map((model) => model.modelId).join('+');
  // A private window gets no remembered verdict: a page in it would learn which videos the user has watched outside.
  const remembered = isPrivate
    ? null
    : await recallVerdict(
        await videoKeys({
          pageUrl,
          ...recalledBy({ ...video, postUrl }, url),
          durationSeconds: video.durationSeconds,
        }),
        modelId,
        Date.now(),
      );
  const detector = BROWSER_STORE.registry.get(chosen[0].detectorId);
  const bands = bandsFor(detector, settings.falseAlarmsOf100);
  // The user may have moved the bands since. An early end was right for the former bands only, so the video is checked
  // anew.
  if (remembered === null || !isSameBands(remembered.bands ?? detector.bands, bands)) {
    // An early stop needs a number of frames, which the setting "as many as possible" does not give.
    const framesAsked = settings.framesAsked ?? DEFAULT_SETTINGS.framesAsked ?? MAX_FRAMES;
    return { kind: 'check', framesAsked, postUrl };
  }
  const { scanId, verdict, model } = remembered;
  const report: ScanReport = {
    ...reportOfVerdict(verdict, { source: null, screenScale: null, model }, bands),
    ...calibrationOf(verdict, { ...detector, bands }, model),
  };
  return { kind: 'remembered', scanId, state: { kind: 'finished', report } };
}

function isSameBands(one: ScoreBands, other: ScoreBands): boolean {
  return (
    one.noManipulationUpTo === other.noManipulationUpTo &&
    one.likelyManipulatedFrom === other.likelyManipulatedFrom
  );
}

/** Remembers the verdict of a scan, by hand or automatic, unless it is of a private window. */
export async function rememberScan(scan: Scan): Promise<void> {
  const { scanId, video, state, isPrivate } = scan;
  if (isPrivate || state.kind !== 'finished' || state.report.used.model === null) return;
  if (!isWorthRemembering(state.report)) return;
  const known = knownAgain(scan, state.report.used.source);
  const { pageUrl, durationSeconds } = video;
  const keys = await videoKeys({ pageUrl, ...known, durationSeconds });
  if (keys.post === null && keys.file === null) return;
  const now = Date.now();
  await rememberVerdict({
    scanId,
    keys,
    verdict: state.report.verdict,
    bands: state.report.bands,
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
        // One page's changes to the video's picture say nothing about another page.
        !verdict.doubts.includes('covered-by-page') &&
        !verdict.doubts.includes('altered-by-page');
}

/** The addresses under which a verdict may be shown again; null for an address that only the page states. */
export type KnownAgain = { readonly postUrl: string | null; readonly fileUrl: string | null };

/**
 * The addresses by which a scanned video's verdict may be remembered. The page's statement about another origin's file
 * is not enough: the host must have read that file itself.
 * @param source of the scan's frames
 */
export function knownAgain(
  { video, documentUrl = '' }: Pick<Scan, 'video' | 'documentUrl'>,
  source: FrameSourceKind | null,
): KnownAgain {
  const { fileUrl, postUrl = null } = video;
  const isFileKnown = fileUrl !== null && (source === 'source' || isOwnFile(fileUrl, documentUrl));
  return {
    postUrl: postUrl !== null && isOwnPost(postUrl, documentUrl) ? postUrl : null,
    fileUrl: isFileKnown ? fileUrl : null,
  };
}

/**
 * The addresses by which a video's verdict may be recalled.
 * @param url of the document that holds the video
 */
export function recalledBy(
  { fileUrl, postUrl, isServed }: KnownAgain & Pick<RequestOf<'beginAutomatic'>, 'isServed'>,
  url: string | null,
): KnownAgain {
  // A service worker may answer the address of another origin's file with a file of its own.
  const isFileKnown = fileUrl !== null && (!isServed || isOwnFile(fileUrl, url ?? ''));
  return {
    postUrl,
    fileUrl: isFileKnown ? fileUrl : null,
  };
}

/** A site may name its own files, since it could replace them anyway. */
function isOwnFile(fileUrl: string, documentUrl: string): boolean {
  if (!URL.canParse(fileUrl) || !URL.canParse(documentUrl)) return false;
  const { origin } = new URL(fileUrl);
  // All opaque origins are written `null`.
  return origin !== 'null' && origin === new URL(documentUrl).origin;
}

/** @param postUrl as {@link postAddress} gives it, which leaves out where on a site (`www.`, `m.`) the page was */
function isOwnPost(postUrl: string, documentUrl: string): boolean {
  if (!URL.canParse(documentUrl) || !URL.canParse(postUrl)) return false;
  const page = new URL(documentUrl);
  const link = new URL(postUrl);
  const inPage = new URL(link);
  inPage.hostname = page.hostname;
  return [link, inPage].some((address) => postAddress(address, page) === postUrl);
}
