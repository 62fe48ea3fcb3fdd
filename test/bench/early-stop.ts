/**
 * npm run bench:early-stop: the frames that the early stop saves, on sequences of made-up scores. There are no real
 * sequences (the published result files hold one score a video), so this measures the rule and not real videos. For
 * every sequence, no loud verdict may be gained or lost: this is counted here and proven in test/unit. One line of JSON
 * a case; exits with 1 when a loud verdict changed.
 */
import { sigmoid, type SigmoidRow } from '../../models/detectors/genconvit/reference-score.ts';
import { createRandom } from '../support/random.ts';
import { judgeEarly, judgeWhole, type ScoredVideo } from '../fixtures/scans/score-sequences.ts';

const FRAMES = 15;
const VIDEOS = 5000;

type Case = {
  readonly name: string;
  /** Mean logit of a video's frames, drawn again for each video. */
  readonly meanLogit: () => number;
  /** How far single frames lie from their video's mean, in logits (standard deviation). */
  readonly spread: number;
  readonly people?: number;
  readonly networks?: 1 | 2;
  readonly facesPerRun?: number;
};

const random = createRandom(20);
const normal = (): number =>
  // Box and Muller; 1 − x keeps the logarithm away from zero.
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const around = (mean: number, deviation: number) => () => mean + deviation * normal();

const CASES: readonly Case[] = [
  { name: 'clearly real, one person', meanLogit: around(-4, 0.5), spread: 0.5 },
  { name: 'clearly manipulated, one person', meanLogit: around(4, 0.5), spread: 0.5 },
  { name: 'real, frames that differ much', meanLogit: around(-2.5, 1), spread: 2 },
  { name: 'manipulated, frames that differ much', meanLogit: around(2.5, 1), spread: 2 },
  { name: 'in the middle', meanLogit: around(0, 0.5), spread: 1.5 },
  // Nineteen of twenty videos are real, as one may hope of a feed; the spread is as wide as Celeb-DF's middle band.
  {
    name: 'plausible feed, one network',
    meanLogit: () => (random() < 0.95 ? -2.5 : 2.5) + 1.5 * normal(),
    spread: 1,
  },
  {
    name: 'plausible feed, both networks, four faces a run',
    meanLogit: () => (random() < 0.95 ? -2.5 : 2.5) + 1.5 * normal(),
    spread: 1,
    networks: 2,
    facesPerRun: 4,
  },
  { name: 'plausible feed, three people', meanLogit: () => -2.5 + 1.5 * normal(), spread: 1, people: 3 },
  { name: 'nobody in it', meanLogit: () => 0, spread: 0, people: 0 },
];

function drawVideo({ meanLogit, spread, people = 1, networks = 1 }: Case): ScoredVideo {
  const means = Array.from({ length: people }, meanLogit);
  const row = (mean: number): SigmoidRow => {
    const logit = mean + spread * normal();
    return [sigmoid(logit), sigmoid(-logit + 0.3 * normal())];
  };
  return {
    rowsPerFace: networks,
    frames: Array.from(
      { length: FRAMES },
      () =>
        new Map(means.map((mean, index) => [index + 1, Array.from({ length: networks }, () => row(mean))])),
    ),
  };
}

let changedLoud = 0;
for (const each of CASES) {
  let judged = 0;
  let looked = 0;
  let loud = 0;
  let changedQuiet = 0;
  for (let index = 0; index < VIDEOS; index++) {
    const video = drawVideo(each);
    const whole = judgeWhole(video);
    const early = judgeEarly(video, each.facesPerRun ?? 1);
    judged += early.framesJudged;
    looked += early.framesScanned;
    const isLoud = whole.verdict.kind === 'likely-manipulated';
    if (isLoud) loud++;
    if (isLoud !== (early.verdict.kind === 'likely-manipulated')) changedLoud++;
    else if (whole.verdict.kind !== early.verdict.kind) changedQuiet++;
  }
  const mean = (sum: number): number => Math.round((100 * sum) / VIDEOS) / 100;
  console.log(
    JSON.stringify({
      madeUpScores: each.name,
      videos: VIDEOS,
      framesAsked: FRAMES,
      framesJudgedMean: mean(judged),
      framesScannedAtMean: mean(looked),
      networkRunsSavedPercent: each.people === 0 ? null : Math.round(100 * (1 - judged / (FRAMES * VIDEOS))),
      loudVerdicts: loud,
      loudVerdictsGainedOrLost: changedLoud,
      // Changes between "not sure" and "no manipulation found", which the left-out frames may have caused.
      quietVerdictsChanged: changedQuiet,
    }),
  );
}
process.exitCode = changedLoud === 0 ? 0 : 1;
