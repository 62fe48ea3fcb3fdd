import { reportOf } from '../../../fixtures/scans/scans.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  framesText,
  mediaTimeText,
  scoreMeaning,
  scoreOf100,
  shownScore,
  TONE_COLOURS,
  wordsOfState,
  wordsOfVerdict,
} from '../../../../components/report/verdict-words.ts';
import { t } from '../../../../components/texts.tsx';
import type { ScanFailureCode, ScanState, WaysOut } from '../../../../utils/domain/scan.ts';
import type { CalibrationFacts } from '../../../../utils/domain/report.ts';
import { VERDICT_BANDS } from '../../../../utils/domain/verdict.ts';
import type { PersonVerdict, RefusalReason, Verdict } from '../../../../utils/domain/verdict.ts';

const JUDGED: Extract<Verdict, { score: number }> = {
  kind: 'likely-manipulated',
  score: 0.82,
  decidingPersonId: 1,
  doubts: [],
  framesUsed: 15,
  framesScanned: 15,
  framesAsked: 15,
  pooledScore: 0.82,
  people: [{ kind: 'likely-manipulated', personId: 1, score: 0.82, framesUsed: 15, doubts: [] }],
};

const REASONS: readonly RefusalReason[] = [
  'no-face',
  'face-too-small',
  'face-turned',
  'too-few-frames',
  'unreadable',
  'protected',
  'model-missing',
];
const CODES: readonly ScanFailureCode[] = [
  'host-lost',
  'model-invalid',
  'runtime-failed',
  'video-gone',
  'internal',
];

const refused = (reason: RefusalReason): Verdict => ({
  kind: 'refused',
  reason,
  framesScanned: 0,
  framesAsked: 15,
});

test('every verdict has its own shape, word and tone', () => {
  const all = (['likely-manipulated', 'not-sure', 'no-manipulation-found'] as const).map((kind) =>
    wordsOfVerdict({ ...JUDGED, kind }, false),
  );
  all.push(wordsOfVerdict(refused('no-face'), false), wordsOfVerdict(JUDGED, true));
  for (const key of ['shape', 'tone', 'title'] as const) {
    expect(new Set(all.map((words) => words[key])).size).toBe(5);
  }
});

test('a stand-in network never gets a verdict’s word, shape or sentence', () => {
  for (const kind of ['likely-manipulated', 'not-sure', 'no-manipulation-found'] as const) {
    const words = wordsOfVerdict({ ...JUDGED, kind }, true);
    expect(words).toMatchObject({ title: t('demo.title'), shape: 'hatched', tone: 'demo' });
    expect(words.sentence).not.toContain(wordsOfVerdict({ ...JUDGED, kind }, false).title);
  }
  for (const reason of REASONS) {
    expect(wordsOfVerdict(refused(reason), true).title).toMatch(/^DEMO/);
  }
});

test('no words claim that a video is real or verified, give a percentage, or shout', () => {
  const states: ScanState[] = [
    { kind: 'waiting' },
    { kind: 'loading-model' },
    { kind: 'cancelled' },
    { kind: 'running', framesScanned: 7, framesAsked: 15 },
    ...CODES.map((code): ScanState => ({ kind: 'failed', code, message: '' })),
  ];
  const all = [
    ...states.map(wordsOfState),
    ...REASONS.map((reason) => wordsOfVerdict(refused(reason), false)),
    ...(['likely-manipulated', 'not-sure', 'no-manipulation-found'] as const).map((kind) =>
      wordsOfVerdict({ ...JUDGED, kind }, false),
    ),
  ];
  for (const { title, sentence } of all) {
    expect(`${title} ${sentence}`).not.toMatch(/\breal\b|verified|authentic|genuine|%|!/i);
    expect(title.length).toBeGreaterThan(3);
    expect(sentence).toMatch(/[.]$/);
  }
});

test('every refusal and failure that can pass offers to check again', () => {
  expect(wordsOfVerdict(refused('model-missing'), false).remedy).toBe('install-model');
  expect(wordsOfState({ kind: 'failed', code: 'host-lost', message: '' }).remedy).toBe('check-again');
  expect(wordsOfState({ kind: 'cancelled' }).remedy).toBe('check-again');
  // Another try gives the same black picture.
  expect(wordsOfVerdict(refused('protected'), false).remedy).toBe('none');
});

describe('the sentence', () => {
  const unreadable = (waysOut: WaysOut): string =>
    wordsOfState({ kind: 'finished', report: reportOf(refused('unreadable')), waysOut }).sentence;

  test('says why the screen could not be captured, and not that the player is closed', () => {
    const waysOut = { hostToAllow: 'video.example.com', canUseScreen: true };
    expect(unreadable(waysOut)).toContain('doesn’t let extensions read its picture');
    const notLetIn = unreadable({ ...waysOut, screenProblem: 'not-let-in' });
    expect(notLetIn).toContain('Click TrueFrame’s button in the toolbar, then “Use the screen”');
    const notInSight = unreadable({ hostToAllow: null, canUseScreen: false, screenProblem: 'not-in-sight' });
    expect(notInSight).toContain('Keep this tab in front with the video in sight');
    for (const sentence of [notLetIn, notInSight]) expect(sentence).not.toContain('doesn’t let extensions');
  });

  test('says of an allowed host that did not help why, and what is left', () => {
    const inVain: WaysOut = { hostToAllow: null, canUseScreen: true, isAllowedInVain: true };
    expect(unreadable(inVain)).toMatch(/can’t be read all the same.*look at the screen/);
    expect(unreadable({ ...inVain, canUseScreen: false })).not.toContain('screen');
  });

  test('says that one frame of a paused video was judged, once', () => {
    const { sentence } = wordsOfVerdict({ ...JUDGED, framesAsked: 1, doubts: ['few-frames'] }, false);
    expect(sentence).toContain('paused');
    expect(sentence).not.toContain('few frames');
  });

  test.each([
    [{ code: 'face-blurred' }, 'The face is blurred.'],
    [{ code: 'face-small', pixels: 66 }, 'The face is small: 66 pixels wide.'],
    [{ code: 'faces-small', people: 5, pixels: 79 }, '5 people, and no face is larger than 79 pixels.'],
    [{ code: 'few-frames', frames: 1 }, 'It rests on few frames.'],
    [
      { code: 'covered-by-page' },
      'The page draws something over the video, so what you see may not be what was judged.',
    ],
  ] as const)('begins with the reason where a score is no verdict: %j', (reason, words) => {
    const gated = { ...JUDGED, kind: 'not-sure', reasons: [reason] } as const;
    const { title, sentence } = wordsOfVerdict(
      { ...gated, doubts: ['covered-by-page', 'few-frames'] },
      false,
    );
    expect(title).toBe('Not sure');
    expect(sentence.startsWith(`${words} So the score is no verdict.`)).toBe(true);
    // A reason is not repeated as a doubt.
    expect(sentence.split('draws something over')).toHaveLength(2);
    // Beside a title, the number would be read as a score.
    expect(shownScore(reportOf(gated))).toBeNull();
    expect(shownScore(reportOf(JUDGED))).toBe(0.82);
  });

  test('says that one of several people decides', () => {
    const people = [1, 2].map((personId) => ({ ...JUDGED.people[0]!, personId }));
    expect(wordsOfVerdict({ ...JUDGED, people }, false).sentence).toContain('Of 2 people');
    // A higher score that is no verdict does not decide.
    const blurred: PersonVerdict = {
      ...{ kind: 'not-sure', personId: 2, score: 0.9, framesUsed: 15, doubts: [] },
      reasons: [{ code: 'face-blurred' }],
    };
    const lower = { ...JUDGED, people: [...JUDGED.people, blurred] };
    expect(wordsOfVerdict(lower, false).sentence).not.toContain('highest');
    const seldom = { kind: 'refused', reason: 'too-few-frames', personId: 3, framesUsed: 1 } as const;
    const withSeldom = { ...JUDGED, people: [...JUDGED.people, seldom] };
    expect(wordsOfVerdict(withSeldom, false).sentence).not.toContain('people');
  });
});

describe('numbers', () => {
  test('a score is never rounded into another band', () => {
    expect(scoreOf100(0.6999, VERDICT_BANDS)).toBe(69);
    expect(scoreOf100(0.7, VERDICT_BANDS)).toBe(70);
    expect(scoreOf100(0.3, VERDICT_BANDS)).toBe(30);
    expect(scoreOf100(0.3001, VERDICT_BANDS)).toBe(31);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (score) => {
        const shown = scoreOf100(score, VERDICT_BANDS);
        expect(Math.abs(shown - 100 * score)).toBeLessThanOrEqual(1);
        expect(shown >= 70).toBe(score >= 0.7);
        expect(shown <= 30).toBe(score <= 0.3);
      }),
    );
  });

  test('frames are counted against what was asked, where that is known', () => {
    expect(framesText(7, 15)).toBe('7 of 15 frames');
    expect(framesText(0, 1)).toBe('0 of 1 frame');
    expect(framesText(7, Infinity)).toBe('7 frames');
    expect(framesText(1, 0)).toBe('1 frame');
  });

  test('media times read as players show them', () => {
    expect([0, 9.9, 65, 3723].map(mediaTimeText)).toEqual(['0:00', '0:09', '1:05', '1:02:03']);
  });
});

test('every tone has a contrast of 4.5 to 1 on white and on the dark pages’ ground', () => {
  for (const { light, dark } of Object.values(TONE_COLOURS)) {
    expect(contrast(light, '#FFFFFF')).toBeGreaterThanOrEqual(4.5);
    expect(contrast(dark, '#1F1F1F')).toBeGreaterThanOrEqual(4.5);
    // The badge: black at 72 % over a white picture is #474747. Shapes need 3 to 1 (WCAG 2.2, 1.4.11).
    expect(contrast(dark, '#474747')).toBeGreaterThanOrEqual(3);
  }
});

/** WCAG 2.2's contrast ratio. */
function contrast(one: string, other: string): number {
  const [darker, lighter] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (lighter! + 0.05) / (darker! + 0.05);
}

function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

test('a verdict that stopped early says how many frames were looked at and judged, and why that was enough', () => {
  const early = { ...JUDGED, framesUsed: 11, framesScanned: 11, isStoppedEarly: true };
  expect(wordsOfVerdict(early, false).sentence).toContain(
    'Looked at 11 of 15 frames: the others could not change that.',
  );
  const quiet = {
    ...early,
    kind: 'no-manipulation-found',
    score: 0.05,
    framesUsed: 5,
    framesScanned: 12,
  } as const;
  expect(wordsOfVerdict(quiet, false).sentence).toContain(
    'Looked at 12 of 15 frames and judged the face in 5: the others could not make it “Likely manipulated”.',
  );
  expect(wordsOfVerdict(JUDGED, false).sentence).not.toContain('Looked at');
});

describe('what a score means', () => {
  const facts: CalibrationFacts = {
    testSet: 'Celeb-DF v2',
    upTo: 30,
    from: 70,
    real: 590,
    realAlike: 39,
    realOf100: 7,
    realLow: 5,
    realHigh: 9,
    fake: 592,
    fakeAlike: 1,
    fakeOf100: 0.2,
    fakeLow: 0,
    fakeHigh: 1,
    isOfSameNetworks: true,
  };

  test('is said in counted videos of a test set, by the borders of the scan', () => {
    expect(scoreMeaning('likely-manipulated', facts)).toBe(
      'Of 590 real videos in the test set Celeb-DF v2, 7 of 100 score 70 or more with all networks together. Clips from social media are harder and were not in it.',
    );
    expect(scoreMeaning('likely-manipulated', { ...facts, from: 95 })).toContain('score 95 or more');
    expect(scoreMeaning('no-manipulation-found', facts)).toContain(
      'Of 592 manipulated videos in the test set Celeb-DF v2, 0.2 of 100 score 30 or less with all networks together.',
    );
  });

  test('says where nothing was counted', () => {
    expect(scoreMeaning('not-sure', null)).toBe(
      'How often a verdict of these networks is wrong was not measured.',
    );
  });

  test('is left out where an older version recorded nothing', () => {
    expect(scoreMeaning('not-sure', undefined)).toBe('');
  });
});
