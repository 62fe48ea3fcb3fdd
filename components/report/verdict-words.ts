import type { ScanFailureCode, ScanState, ScreenProblem, WaysOut } from '../../utils/domain/scan.ts';
import { VERDICT_BANDS } from '../../utils/domain/verdict.ts';
import type { Doubt, RefusalReason, Verdict, VerdictKind } from '../../utils/domain/verdict.ts';
import type { UsedModel } from '../../utils/domain/report.ts';

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

/** Stands wherever a verdict stands. */
export const LIMITS_SENTENCE =
  'Finds swapped or re-enacted faces. Can’t judge fully generated scenes, voices, or what was said.';

export const DEMO_TITLE = 'DEMO: means nothing';
const DEMO_SENTENCE = 'This is a stand-in network with made-up weights. It says nothing about this video.';

/** Title, sentence, shape and tone for any state of a scan. */
export function wordsOfState(state: ScanState): Words {
  switch (state.kind) {
    case 'waiting':
      return working('Waiting', 'Another video is being checked first.');
    case 'loading-model':
      return working('Getting ready', 'The network is being loaded. This takes a moment the first time.');
    case 'running':
      return working(
        framesText(state.framesLooked, state.framesAsked),
        'Looking at the faces in its frames.',
      );
    case 'finished':
      return withWaysOut(
        wordsOfVerdict(state.report.verdict, state.report.used.model?.isDemo ?? false),
        waysOutOf(state),
      );
    case 'cancelled':
      return {
        shape: 'dash',
        tone: 'neutral',
        title: 'Cancelled',
        sentence: 'This check was stopped before it was done.',
        remedy: 'check-again',
      };
    case 'failed':
      return { shape: 'dash', tone: 'neutral', ...FAILURES[state.code] };
  }
}

/** What the user can do about a picture that could not be read; null where that was not so or nothing can be done. */
export function waysOutOf(state: ScanState): WaysOut | null {
  if (state.kind !== 'finished' || state.waysOut === undefined) return null;
  const { hostToAllow, canUseScreen, screenProblem } = state.waysOut;
  return hostToAllow === null && !canUseScreen && screenProblem === undefined ? null : state.waysOut;
}

const SCREEN_PROBLEMS: Readonly<Record<ScreenProblem, string>> = {
  'not-let-in':
    'The browser no longer lets TrueFrame look at this page. Click TrueFrame’s button in the toolbar, then “Use the screen”.',
  'not-in-sight':
    'Too little of the video could be seen. Keep this tab in front with the video in sight, then check again.',
};

function withWaysOut(words: Words, waysOut: WaysOut | null): Words {
  if (waysOut === null) return words;
  const { hostToAllow, canUseScreen, screenProblem } = waysOut;
  if (screenProblem !== undefined) return { ...words, sentence: SCREEN_PROBLEMS[screenProblem] };
  const offers = [
    ...(hostToAllow === null ? [] : [`allow ${hostToAllow}`]),
    ...(canUseScreen ? ['let TrueFrame look at the screen instead'] : []),
  ];
  const sentence = `This site’s player doesn’t let extensions read its picture. You can ${offers.join(', or ')}.`;
  return { ...words, sentence };
}

/** The same for a verdict alone, as the history keeps it. */
export function wordsOfVerdict(verdict: Verdict, isDemo: boolean): Words {
  if (verdict.kind === 'refused') {
    const refusal: Words = { shape: 'dash', tone: 'neutral', ...REFUSALS[verdict.reason] };
    if (!isDemo) return refusal;
    return { ...refusal, shape: 'hatched', tone: 'demo', title: `DEMO: ${refusal.title}` };
  }
  if (isDemo) {
    return { shape: 'hatched', tone: 'demo', title: DEMO_TITLE, sentence: DEMO_SENTENCE, remedy: 'none' };
  }
  const { title, sentence, shape, tone } = VERDICTS[verdict.kind];
  return { shape, tone, title, sentence: [sentence, ...basisOf(verdict)].join(' '), remedy: 'none' };
}

/** "score 82 of 100". Never rounded over a band's border: what is "not sure" does not read 70. */
export function scoreText(score: number): string {
  return `score ${scoreOf100(score)} of 100`;
}

/** The whole number, 0 to 100, that stands for a score of 0 to 1. */
export function scoreOf100(score: number): number {
  const rounded = Math.round(score * 100);
  const { noManipulationUpTo, likelyManipulatedFrom } = VERDICT_BANDS;
  if (score < likelyManipulatedFrom && rounded >= likelyManipulatedFrom * 100) return rounded - 1;
  if (score > noManipulationUpTo && rounded <= noManipulationUpTo * 100) return rounded + 1;
  return rounded;
}

/** "7 of 15 frames"; "7 frames" where nobody knows how many there will be. */
export function framesText(framesLooked: number, framesAsked: number): string {
  if (framesAsked < framesLooked || !Number.isFinite(framesAsked)) {
    return framesLooked === 1 ? '1 frame' : `${framesLooked} frames`;
  }
  return `${framesLooked} of ${framesAsked} ${framesAsked === 1 ? 'frame' : 'frames'}`;
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
 * What a score in each band means. Counted from the per-video results that GenConViT's authors published, which are of
 * both networks together: 39 of 590 real videos of Celeb-DF v2 score .7 or more; 160 of them, and 42 of 592 manipulated
 * ones, lie between; one manipulated video scores .3 or less. No such results are public for one network alone, which is
 * said where one network judged.
 */
export function scoreMeaning(kind: VerdictKind, model: UsedModel): string {
  const meaning = SCORE_MEANINGS[kind];
  return model.networks.length > 1
    ? meaning
    : `${meaning} This was counted with both networks; here one judged.`;
}

const SCORE_MEANINGS: Readonly<Record<VerdictKind, string>> = {
  'likely-manipulated':
    'Of real videos in the test set Celeb-DF v2, 7 of 100 score 70 or more. Clips from social media are harder.',
  'not-sure':
    'Of real videos in the test set Celeb-DF v2, 27 of 100 lie here, and of manipulated ones 7 of 100.',
  'no-manipulation-found':
    'In the test set Celeb-DF v2, 1 of 592 manipulated videos scores this low. Clips from social media are harder.',
};

/** Why a verdict stands on less than it should, one sentence each. */
export const DOUBT_SENTENCES: Readonly<Record<Doubt, string>> = {
  'few-frames': 'It rests on few frames.',
  'mostly-small': 'The face is small, which makes it harder to judge.',
  'mostly-near-profile': 'The face is mostly turned aside, which makes it harder to judge.',
  'mostly-low-score': 'The face is hard to make out, so this is less sure.',
  'mostly-blurred': 'The face is blurred, which makes it harder to judge.',
  'class-contradicts-score': 'The network’s own answers contradict each other.',
  'scaled-on-screen':
    'It was read from the screen, where the video is drawn smaller than it is, so detail is lost.',
  compressed: 'The video is strongly compressed, so some of the face’s detail may be gone.',
};

/** How the score came about: whose face, how many frames, and what weakens it. */
function basisOf(verdict: Extract<Verdict, { kind: VerdictKind }>): string[] {
  const sentences: string[] = [];
  if (verdict.framesAsked === 1) sentences.push('The video is paused, so this is one frame only.');
  if (verdict.people.length > 1) {
    sentences.push(`Of ${verdict.people.length} people, this is the one with the highest score.`);
  }
  for (const doubt of verdict.doubts) {
    // Said already, and better, by the first sentence.
    if (doubt === 'few-frames' && verdict.framesAsked === 1) continue;
    sentences.push(DOUBT_SENTENCES[doubt]);
  }
  if (verdict.isStoppedEarly === true) sentences.push(stoppedEarlySentence(verdict));
  return sentences;
}

/** Of an automatic check that left frames out: how many it saw, and why that is enough. */
function stoppedEarlySentence(verdict: VerdictWithFrames): string {
  const { kind, framesUsed, framesLooked, framesAsked } = verdict;
  const seen = `Looked at ${framesText(framesLooked, framesAsked)}`;
  // In the rest it was not seen, or was not judged any more, since nothing could come of it.
  const judged = framesUsed < framesLooked ? ` and judged the face in ${framesUsed}` : '';
  return kind === 'likely-manipulated'
    ? `${seen}${judged}: the others could not change that.`
    : `${seen}${judged}: the others could not make it “Likely manipulated”.`;
}

type VerdictWithFrames = Pick<
  Extract<Verdict, { kind: VerdictKind }>,
  'kind' | 'framesUsed' | 'framesLooked' | 'framesAsked'
>;

const VERDICTS: Readonly<Record<VerdictKind, Pick<Words, 'title' | 'sentence' | 'shape' | 'tone'>>> = {
  'likely-manipulated': {
    shape: 'diamond',
    tone: 'manipulated',
    title: 'Likely manipulated',
    sentence: 'This face looks to the network like those in manipulated videos.',
  },
  'not-sure': {
    shape: 'half-circle',
    tone: 'not-sure',
    title: 'Not sure',
    sentence: 'The score lies in the middle, where the network is often wrong.',
  },
  'no-manipulation-found': {
    shape: 'circle',
    tone: 'no-finding',
    title: 'No manipulation found',
    sentence: 'The network found nothing in this face. That is no proof that nothing was changed.',
  },
};

type Refusal = Pick<Words, 'title' | 'sentence' | 'remedy'>;

const REFUSALS: Readonly<Record<RefusalReason, Refusal>> = {
  'no-face': {
    title: 'No face to check',
    sentence: 'There is no face in the frames that were looked at. Try a part of the video that shows one.',
    remedy: 'check-again',
  },
  'face-too-small': {
    title: 'Face too small',
    sentence:
      'The faces are smaller than any that the network has learned from. Try a close-up, or a higher quality in the player’s settings.',
    remedy: 'check-again',
  },
  'too-few-frames': {
    title: 'Too few frames',
    sentence: 'A face shows in too few frames to say anything. Let the video play on and check again.',
    remedy: 'check-again',
  },
  unreadable: {
    title: 'Picture can’t be read',
    sentence:
      'The browser gives extensions no picture of this video: its site doesn’t allow it, or nothing has been loaded yet. Play it and check again, or open the video on the site that it comes from.',
    remedy: 'check-again',
  },
  protected: {
    title: 'Protected video',
    sentence:
      'This video is copy-protected, or comes out black as such videos do: the browser shows it to nobody but you. Look for the same clip elsewhere.',
    remedy: 'none',
  },
  'canvas-noise': {
    title: 'Picture is altered',
    sentence:
      'This browser changes the pixels that extensions read, so a check would judge the browser and not the video. Switch its fingerprinting protection off for this site.',
    remedy: 'check-again',
  },
  'model-missing': {
    title: 'No network yet',
    sentence: 'TrueFrame needs a network to judge faces, and none is installed yet.',
    remedy: 'install-model',
  },
};

const FAILURES: Readonly<Record<ScanFailureCode, Refusal>> = {
  'host-lost': {
    title: 'Check interrupted',
    sentence: 'The part of TrueFrame that does the work went away. Nothing is lost but this check.',
    remedy: 'check-again',
  },
  'model-invalid': {
    title: 'Network damaged',
    sentence: 'The installed network’s files are not as they should be. Install it again.',
    remedy: 'install-model',
  },
  'runtime-failed': {
    title: 'Check failed',
    sentence: 'The network could not run. Closing other tabs gives it more memory; then check again.',
    remedy: 'check-again',
  },
  'video-gone': {
    title: 'Video changed',
    sentence: 'The page put another video in its place while it was being checked.',
    remedy: 'check-again',
  },
  internal: {
    title: 'Check failed',
    sentence: 'Something went wrong inside TrueFrame. Checking again may help.',
    remedy: 'check-again',
  },
};

function working(title: string, sentence: string): Words {
  return { shape: 'dot', tone: 'neutral', title, sentence, remedy: 'none' };
}
