import type { HistorySummary } from '../../utils/domain/history.ts';
import type { ScanReport, ScoreBands } from '../../utils/domain/report.ts';
import type { FinishedState, ScanFailureCode, ScanState, WaysOut } from '../../utils/domain/scan.ts';
import type {
  Doubt,
  GateReason,
  PersonVerdict,
  RefusalReason,
  Verdict,
  VerdictKind,
} from '../../utils/domain/verdict.ts';
import { camelCase, t } from '../texts.tsx';

/** The shape in the viewfinder. Each verdict has its own, since some people can't tell colours apart. */
export type MarkShape =
  // No verdict yet: the brackets alone.
  | 'none'
  | 'dot'
  | 'diamond'
  | 'half-circle'
  | 'circle'
  | 'dash'
  // A stand-in network's shape: it is none of the verdicts' own.
  | 'hatched';

export type Tone = 'manipulated' | 'not-sure' | 'no-finding' | 'neutral' | 'demo';

/**
 * The colour of each tone, for text and shapes: a contrast of 4.5 to 1 or better on white (light) and on #1F1F1F
 * (dark).
 */
export const TONE_COLOURS: Readonly<Record<Tone, { readonly light: string; readonly dark: string }>> = {
  manipulated: { light: '#B42318', dark: '#F97066' },
  'not-sure': { light: '#935F00', dark: '#FDB022' },
  'no-finding': { light: '#1D6F42', dark: '#5BD08D' },
  neutral: { light: '#57606A', dark: '#9BA4AE' },
  demo: { light: '#6941C6', dark: '#B692F6' },
};

/** A scan's state in words. `remedy` is what a button offers. */
export type Words = {
  readonly shape: MarkShape;
  readonly tone: Tone;
  /** A few words, without full stop: "Likely manipulated". */
  readonly title: string;
  /** What happened and why, in one or two sentences. */
  readonly sentence: string;
  readonly remedy: 'none' | 'check-again' | 'install-model';
};

/** Title, sentence, shape and tone for any state of a scan. */
export function wordsOfState(state: ScanState): Words {
  switch (state.kind) {
    case 'waiting':
      return { ...WORKING, ...titled('scan.waiting') };
    case 'loading-model':
      return { ...WORKING, ...titled('scan.loadingModel') };
    case 'running': {
      const title = framesText(state.framesScanned, state.framesAsked);
      return { ...WORKING, title, sentence: t('scan.running.sentence') };
    }
    case 'finished':
      return wordsOfFinished(state);
    case 'cancelled':
      return { ...NO_ANSWER, ...titled('scan.cancelled'), remedy: 'check-again' };
    case 'failed':
      return {
        ...NO_ANSWER,
        ...titled(`failure.${camelCase(state.code)}`),
        remedy: remedyOf(state.code),
      };
  }
}

const WORKING = { shape: 'dot', tone: 'neutral', remedy: 'none' } as const;
const NO_ANSWER = { shape: 'dash', tone: 'neutral' } as const;
const DEMO_MARK = { shape: 'hatched', tone: 'demo' } as const;

type CamelCase<Code extends string> = ReturnType<typeof camelCase<Code>>;

function titled(
  key:
    | `scan.${'waiting' | 'loadingModel' | 'cancelled'}`
    | `failure.${CamelCase<ScanFailureCode>}`
    | `refusal.${CamelCase<RefusalReason>}`
    | `verdict.${CamelCase<VerdictKind>}`,
): Pick<Words, 'title' | 'sentence'> {
  return { title: t(`${key}.title`), sentence: t(`${key}.sentence`) };
}

/** The user's options where a picture could not be read; null if the picture was read, or if there are none. */
export function waysOutOf(state: ScanState): WaysOut | null {
  if (state.kind !== 'finished' || state.waysOut === undefined) return null;
  const { hostToAllow, canUseScreen, screenProblem, isAllowedInVain = false } = state.waysOut;
  return hostToAllow === null && !canUseScreen && screenProblem === undefined && !isAllowedInVain
    ? null
    : state.waysOut;
}

function wordsOfFinished(state: FinishedState): Words {
  const words = wordsOfVerdict(state.report.verdict, isDemoReport(state.report));
  const waysOut = waysOutOf(state);
  return waysOut === null ? words : { ...words, sentence: waysOutSentence(waysOut) };
}

function waysOutSentence({ hostToAllow, canUseScreen, screenProblem, isAllowedInVain }: WaysOut): string {
  if (screenProblem !== undefined) return t(`refusal.unreadable.${camelCase(screenProblem)}`);
  if (isAllowedInVain === true) {
    return t(canUseScreen ? 'refusal.unreadable.inVainScreen' : 'refusal.unreadable.inVain');
  }
  if (hostToAllow === null) return t('refusal.unreadable.screen');
  return t(canUseScreen ? 'refusal.unreadable.allowOrScreen' : 'refusal.unreadable.allow', {
    host: hostToAllow,
  });
}

/** The words for a verdict alone, as the history keeps it. */
export function wordsOfVerdict(verdict: Verdict, isDemo: boolean): Words {
  if (verdict.kind === 'refused') {
    const words = titled(`refusal.${camelCase(verdict.reason)}`);
    const refusal = { ...NO_ANSWER, ...words, remedy: remedyOf(verdict.reason) };
    return isDemo ? { ...refusal, ...DEMO_MARK, title: t('demo.refusal', { title: words.title }) } : refusal;
  }
  if (isDemo) return { ...DEMO_MARK, title: t('demo.title'), sentence: t('demo.sentence'), remedy: 'none' };
  const { title, sentence } = titled(`verdict.${camelCase(verdict.kind)}`);
  const { reasons } = verdict;
  const first = reasons ? [...reasons.map(reasonSentence), t('doubt.noVerdict')] : [sentence];
  // The texts are whole sentences, so they can stand in any order. A reason may occur among the doubts as well.
  const sentences = [...new Set([...first, ...basisOf(verdict)])].join(' ');
  return { ...VERDICT_MARKS[verdict.kind], title, sentence: sentences, remedy: 'none' };
}

/** Shape, tone and title alone, for lists of the history. */
export function wordsOfOutcome({
  kind,
  refusal,
  model,
}: Pick<HistorySummary, 'kind' | 'refusal' | 'model'>): Pick<Words, 'shape' | 'tone' | 'title'> {
  const isDemo = model?.isDemo === true;
  if (kind === null) {
    const { title } = titled(`refusal.${camelCase(refusal ?? 'no-face')}`);
    return isDemo ? { ...DEMO_MARK, title: t('demo.refusal', { title }) } : { ...NO_ANSWER, title };
  }
  if (isDemo) return { ...DEMO_MARK, title: t('demo.title') };
  return { ...VERDICT_MARKS[kind], title: t(`verdict.${camelCase(kind)}.title`) };
}

/** Why a score is no verdict, in one sentence. */
export function reasonSentence(reason: GateReason): string {
  if (reason.code === 'face-small') return t('doubt.faceSmall', reason);
  return reason.code === 'faces-small' ? t('doubt.facesSmall', reason) : doubtSentence(reason.code);
}

/** Whether a stand-in network judged. Every view marks such a report. */
export function isDemoReport({ used }: Pick<ScanReport, 'used'>): boolean {
  return used.model?.isDemo === true;
}

/**
 * The score to show beside a verdict, 0 to 1. null for refusals, which have none; for stand-in networks, whose number
 * would be read as a score; and where the quality gate says that the score is no verdict.
 */
export function shownScore({ verdict, used }: Pick<ScanReport, 'verdict' | 'used'>): number | null {
  const isMeant = verdict.kind !== 'refused' && !verdict.reasons && !isDemoReport({ used });
  return isMeant ? verdict.score : null;
}

/** "score 82 of 100 · 15 of 15 frames"; the frames alone where no score is shown. */
export function scoreAndFramesText(report: Pick<ScanReport, 'verdict' | 'used' | 'bands'>): string {
  const { verdict } = report;
  const framesUsed = verdict.kind === 'refused' ? verdict.framesScanned : verdict.framesUsed;
  const frames = framesText(framesUsed, verdict.framesAsked);
  const score = scoreText(report);
  return score === null ? frames : `${score} · ${frames}`;
}

/** "score 82 of 100"; null where {@link shownScore} is. */
export function scoreText(report: Pick<ScanReport, 'verdict' | 'used' | 'bands'>): string | null {
  const score = shownScore(report);
  return score === null ? null : t('score.text', { score: scoreOf100(score, report.bands) });
}

/**
 * The whole number, 0 to 100, that stands for a score of 0 to 1. The rounding never crosses the border of a band: a score
 * that is "not sure" does not read 70.
 */
export function scoreOf100(score: number, { noManipulationUpTo, likelyManipulatedFrom }: ScoreBands): number {
  const rounded = Math.round(score * 100);
  if (score < likelyManipulatedFrom && rounded >= likelyManipulatedFrom * 100) return rounded - 1;
  if (score > noManipulationUpTo && rounded <= noManipulationUpTo * 100) return rounded + 1;
  return rounded;
}

/** "7 of 15 frames"; "7 frames" where it is not known how many there will be. */
export function framesText(framesScanned: number, framesAsked: number): string {
  return framesAsked < framesScanned || !Number.isFinite(framesAsked)
    ? t('frames.scanned', framesScanned, { scanned: framesScanned })
    : t('frames.ofAsked', framesAsked, { scanned: framesScanned, asked: framesAsked });
}

/** "1:02:03", "2:03" or "0:03": a place in a video. */
export function mediaTimeText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const twoDigits = (value: number): string => String(value).padStart(2, '0');
  const rest = twoDigits(whole % 60);
  return hours > 0 ? `${hours}:${twoDigits(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** A sentence or two on how often such a verdict is wrong; empty where nothing was recorded. */
export function scoreMeaning(kind: VerdictKind, facts: ScanReport['calibration']): string {
  if (!facts) return facts === null ? t('verdict.notMeasured') : '';
  return t(`verdict.${camelCase(kind)}.meaning`, facts);
}

/**
 * The score of all people together beside the deciding person's, as the reference gives it for a video; null where both are
 * the same number.
 */
export function pooledSentence(report: Pick<ScanReport, 'verdict' | 'used' | 'bands'>): string | null {
  const { verdict, bands } = report;
  if (verdict.kind === 'refused' || isDemoReport(report)) return null;
  const [pooled, score] = [scoreOf100(verdict.pooledScore, bands), scoreOf100(verdict.score, bands)];
  return pooled === score ? null : t('report.pooled', { pooled, score, person: verdict.decidingPersonId });
}

/** The band in which a score lies, as its tone. */
export function bandOfScore(
  score: number,
  { noManipulationUpTo, likelyManipulatedFrom }: ScoreBands,
): 'manipulated' | 'not-sure' | 'no-finding' {
  if (score >= likelyManipulatedFrom) return 'manipulated';
  return score <= noManipulationUpTo ? 'no-finding' : 'not-sure';
}

/** Why a verdict stands on less than it should, in one sentence. */
export function doubtSentence(
  doubt: Doubt | Exclude<GateReason['code'], 'face-small' | 'faces-small'>,
): string {
  return t(`doubt.${camelCase(doubt)}`);
}

/** How the score came about: whose face, how many frames, and what weakens it. */
function basisOf(verdict: VerdictWithScore): string[] {
  const sentences: string[] = [];
  if (verdict.framesAsked === 1) sentences.push(t('verdict.pausedVideo'));
  // Nothing is known of the other people, who were seen in too few frames.
  const scores = verdict.people.flatMap((person) => (person.kind === 'refused' ? [] : person.score));
  const people = scores.length;
  // A higher score that is no verdict does not decide the video's verdict.
  if (people > 1 && Math.max(...scores) <= verdict.score) {
    sentences.push(t('verdict.highestOfPeople', { people }));
  }
  for (const doubt of verdict.doubts) {
    // The first sentence says this already, and better.
    if (doubt === 'few-frames' && verdict.framesAsked === 1) continue;
    sentences.push(doubtSentence(doubt));
  }
  if (verdict.isStoppedEarly === true) sentences.push(stoppedEarlySentence(verdict));
  return sentences;
}

/** Of an automatic check that left frames out: how many frames it examined, and why these are enough. */
function stoppedEarlySentence(verdict: VerdictWithScore): string {
  const { kind, framesUsed: judged, framesScanned: scanned, framesAsked: asked } = verdict;
  const key = kind === 'likely-manipulated' ? 'manipulated' : 'other';
  // The other frames show no face, or were not judged because they could not change the verdict.
  return judged < scanned
    ? t(`verdict.stoppedEarly.${key}FewerJudged`, { scanned, asked, judged })
    : t(`verdict.stoppedEarly.${key}`, { scanned, asked });
}

type VerdictWithScore = Extract<Verdict, { kind: VerdictKind }>;

/** The mark of each verdict. */
export const VERDICT_MARKS: Readonly<Record<VerdictKind, Pick<Words, 'shape' | 'tone'>>> = {
  'likely-manipulated': { shape: 'diamond', tone: 'manipulated' },
  'not-sure': { shape: 'half-circle', tone: 'not-sure' },
  'no-manipulation-found': { shape: 'circle', tone: 'no-finding' },
};

/** The mark of one person: the shape and colour of the person's own verdict. */
export function markOfPerson(
  kind: PersonVerdict['kind'],
  report: Pick<ScanReport, 'used'>,
): Pick<Words, 'shape' | 'tone'> {
  if (isDemoReport(report)) return DEMO_MARK;
  return kind === 'refused' ? NO_ANSWER : VERDICT_MARKS[kind];
}

function remedyOf(code: RefusalReason | ScanFailureCode): Words['remedy'] {
  if (code === 'model-missing' || code === 'model-invalid') return 'install-model';
  // Another try would give the same black picture.
  return code === 'protected' ? 'none' : 'check-again';
}
