import type { UsedModel } from '../../utils/domain/model.ts';
import type { ScanReport } from '../../utils/domain/report.ts';
import type { ScanFailureCode, ScanState, WaysOut } from '../../utils/domain/scan.ts';
import { VERDICT_BANDS } from '../../utils/domain/verdict.ts';
import type { Doubt, RefusalReason, Verdict, VerdictKind } from '../../utils/domain/verdict.ts';
import { camelCase, t } from '../texts.tsx';

/** What stands in the viewfinder. Each verdict has its own, since colour alone tells some people nothing. */
export type MarkShape =
  // Nothing yet: the brackets alone.
  | 'none'
  | 'dot'
  | 'diamond'
  | 'half-circle'
  | 'circle'
  | 'dash'
  // A stand-in network: never one of the verdicts' own shapes.
  | 'hatched';

export type Tone = 'manipulated' | 'not-sure' | 'no-finding' | 'neutral' | 'demo';

/** For text and shapes: 4.5 to 1 or better on white (light) and on #1F1F1F (dark). */
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
      return working(t('scan.waiting.title'), t('scan.waiting.sentence'));
    case 'loading-model':
      return working(t('scan.loadingModel.title'), t('scan.loadingModel.sentence'));
    case 'running':
      return working(framesText(state.framesScanned, state.framesAsked), t('scan.running.sentence'));
    case 'finished':
      return withWaysOut(
        wordsOfVerdict(state.report.verdict, state.report.used.model?.isDemo ?? false),
        waysOutOf(state),
      );
    case 'cancelled':
      return {
        shape: 'dash',
        tone: 'neutral',
        title: t('scan.cancelled.title'),
        sentence: t('scan.cancelled.sentence'),
        remedy: 'check-again',
      };
    case 'failed': {
      const key = `failure.${camelCase(state.code)}` as const;
      return {
        shape: 'dash',
        tone: 'neutral',
        title: t(`${key}.title`),
        sentence: t(`${key}.sentence`),
        remedy: remedyOf(state.code),
      };
    }
  }
}

function working(title: string, sentence: string): Words {
  return { shape: 'dot', tone: 'neutral', title, sentence, remedy: 'none' };
}

/** What the user can do about a picture that could not be read; null where that was not so or nothing can be done. */
export function waysOutOf(state: ScanState): WaysOut | null {
  if (state.kind !== 'finished' || state.waysOut === undefined) return null;
  const { hostToAllow, canUseScreen, screenProblem, isAllowedInVain = false } = state.waysOut;
  return hostToAllow === null && !canUseScreen && screenProblem === undefined && !isAllowedInVain
    ? null
    : state.waysOut;
}

function withWaysOut(words: Words, waysOut: WaysOut | null): Words {
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

/** The same for a verdict alone, as the history keeps it. */
export function wordsOfVerdict(verdict: Verdict, isDemo: boolean): Words {
  if (verdict.kind === 'refused') {
    const key = `refusal.${camelCase(verdict.reason)}` as const;
    const title = t(`${key}.title`);
    const refusal = { sentence: t(`${key}.sentence`), remedy: remedyOf(verdict.reason) };
    return isDemo
      ? { shape: 'hatched', tone: 'demo', title: t('demo.refusal', { title }), ...refusal }
      : { shape: 'dash', tone: 'neutral', title, ...refusal };
  }
  if (isDemo) {
    return {
      shape: 'hatched',
      tone: 'demo',
      title: t('demo.title'),
      sentence: t('demo.sentence'),
      remedy: 'none',
    };
  }
  const key = `verdict.${camelCase(verdict.kind)}` as const;
  return {
    ...VERDICT_MARKS[verdict.kind],
    title: t(`${key}.title`),
    // The texts are whole sentences, so any order of them reads right.
    sentence: [t(`${key}.sentence`), ...basisOf(verdict)].join(' '),
    remedy: 'none',
  };
}

/**
 * The score to show beside a verdict, 0 to 1; null for refusals, which have none, and for stand-in networks, whose
 * number would be read as one.
 */
export function shownScore({ verdict, used }: Pick<ScanReport, 'verdict' | 'used'>): number | null {
  return verdict.kind === 'refused' || used.model?.isDemo === true ? null : verdict.score;
}

/** "score 82 of 100". */
export function scoreText(score: number): string {
  return t('score.text', { score: scoreOf100(score) });
}

/**
 * The whole number, 0 to 100, that stands for a score of 0 to 1. It is never rounded over a band's border: what is "not
 * sure" does not read 70.
 */
export function scoreOf100(score: number): number {
  const rounded = Math.round(score * 100);
  const { noManipulationUpTo, likelyManipulatedFrom } = VERDICT_BANDS;
  if (score < likelyManipulatedFrom && rounded >= likelyManipulatedFrom * 100) return rounded - 1;
  if (score > noManipulationUpTo && rounded <= noManipulationUpTo * 100) return rounded + 1;
  return rounded;
}

/** "7 of 15 frames"; "7 frames" where it is not known how many there will be. */
export function framesText(framesScanned: number, framesAsked: number): string {
  return framesAsked < framesScanned || !Number.isFinite(framesAsked)
    ? t('frames.looked', framesScanned, { looked: framesScanned })
    : t('frames.ofAsked', framesAsked, { looked: framesScanned, asked: framesAsked });
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

/**
 * What a score in each band means. Counted from the per-video results that the detector's authors published, which are of
 * both networks together: 39 of 590 real videos of Celeb-DF v2 score .7 or more; 160 of them, and 42 of 592 manipulated
 * ones, lie between; one manipulated video scores .3 or less. No such results are public for one network alone, which is
 * said where one network judged.
 */
export function scoreMeaning(kind: VerdictKind, model: UsedModel): string {
  const meaning = t(`verdict.${camelCase(kind)}.meaning`);
  return model.networks.length > 1 ? meaning : `${meaning} ${t('verdict.oneNetworkJudged')}`;
}

/** Why a verdict stands on less than it should, in one sentence. */
export function doubtSentence(doubt: Doubt): string {
  return t(`doubt.${camelCase(doubt)}`);
}

/** How the score came about: whose face, how many frames, and what weakens it. */
function basisOf(verdict: VerdictWithScore): string[] {
  const sentences: string[] = [];
  if (verdict.framesAsked === 1) sentences.push(t('verdict.pausedVideo'));
  // Of the others, who were seen too seldom, nothing is known.
  const people = verdict.people.filter(({ kind }) => kind !== 'refused').length;
  if (people > 1) sentences.push(t('verdict.highestOfPeople', { people }));
  for (const doubt of verdict.doubts) {
    // Said already, and better, by the first sentence.
    if (doubt === 'few-frames' && verdict.framesAsked === 1) continue;
    sentences.push(doubtSentence(doubt));
  }
  if (verdict.isStoppedEarly === true) sentences.push(stoppedEarlySentence(verdict));
  return sentences;
}

/** Of an automatic check that left frames out: how many it saw, and why that is enough. */
function stoppedEarlySentence(verdict: VerdictWithScore): string {
  const { kind, framesUsed: judged, framesScanned: looked, framesAsked: asked } = verdict;
  const key = kind === 'likely-manipulated' ? 'manipulated' : 'other';
  // In the rest the face was not seen, or was not judged any more, since that could not change the verdict.
  return judged < looked
    ? t(`verdict.stoppedEarly.${key}FewerJudged`, { looked, asked, judged })
    : t(`verdict.stoppedEarly.${key}`, { looked, asked });
}

type VerdictWithScore = Extract<Verdict, { kind: VerdictKind }>;

/** The mark of each verdict. */
export const VERDICT_MARKS: Readonly<Record<VerdictKind, Pick<Words, 'shape' | 'tone'>>> = {
  'likely-manipulated': { shape: 'diamond', tone: 'manipulated' },
  'not-sure': { shape: 'half-circle', tone: 'not-sure' },
  'no-manipulation-found': { shape: 'circle', tone: 'no-finding' },
};

function remedyOf(code: RefusalReason | ScanFailureCode): Words['remedy'] {
  if (code === 'model-missing' || code === 'model-invalid') return 'install-model';
  // Another try gives the same black picture.
  return code === 'protected' ? 'none' : 'check-again';
}
