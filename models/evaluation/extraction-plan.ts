import type { TrueLabel } from '../../utils/domain/evaluation.ts';
import { isVideoPath, nameOf, videoPathsOf } from './dataset-layouts.ts';
import { SPLIT_SIDES } from './split-videos.ts';
import type { SplitSide } from './split-videos.ts';

/** A video of a data set that `npm run split` has divided, as the authors' training reads it. */
export type ExtractableVideo = {
  readonly path: string;
  readonly side: SplitSide;
  readonly label: TrueLabel;
  /** Of its faces' files, below the output folder: `train/real/NAME`. No two videos have the same. */
  readonly target: string;
};

export type ExtractionPlan = {
  readonly videos: readonly ExtractableVideo[];
  /** Videos that lie elsewhere. */
  readonly elsewhere: readonly string[];
  /** Folders of the layout without a video. */
  readonly missing: readonly string[];
};

const LABELS: Readonly<Record<string, TrueLabel>> = { real: 'REAL', fake: 'FAKE' };

/**
 * The videos in `{train,valid,test}_vid/{real,fake}/`.
 * @param paths of all files, from the given folder's own name on
 */
export function planExtraction(paths: readonly string[]): ExtractionPlan {
  const all = videoPathsOf(paths);
  const placed = all.flatMap((path) => {
    const [, folder = '', word = '', ...rest] = path.split('/');
    const side = SPLIT_SIDES.find((each) => folder === `${each}_vid`);
    const label = LABELS[word];
    return side === undefined || label === undefined || rest.length !== 1
      ? []
      : [{ path, side, label, word }];
  });
  const stems = Map.groupBy(placed, ({ path, side, word }) => `${side}/${word}/${stemOf(path)}`);
  const videos = placed.map(({ path, side, label, word }) => {
    const target = `${side}/${word}/${stemOf(path)}`;
    // `a.mp4` beside `a.avi` keeps its ending.
    return {
      path,
      side,
      label,
      target: stems.get(target)!.length === 1 ? target : `${side}/${word}/${nameOf(path)}`,
    };
  });
  const inPlan = new Set(placed.map(({ path }) => path));
  const folders = SPLIT_SIDES.flatMap((side) => Object.keys(LABELS).map((word) => [side, word] as const));
  return {
    videos,
    elsewhere: all.filter((path) => !inPlan.has(path)),
    missing: folders
      .filter(([side, word]) => placed.every((video) => video.side !== side || video.word !== word))
      .map(([side, word]) => `${side}_vid/${word}`),
  };
}

/** A folder of frames has no ending. */
function stemOf(path: string): string {
  const name = nameOf(path);
  return isVideoPath(path) ? name.slice(0, name.lastIndexOf('.')) : name;
}

/** The video's target to which a file in its folder belongs; null for another file. */
export function targetOfFaceFile(path: string): string | null {
  return /^(.*)_face_\d+\.png$/s.exec(path)?.[1] ?? null;
}
