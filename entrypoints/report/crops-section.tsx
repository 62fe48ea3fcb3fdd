import { Fragment } from 'preact';
import { PixelPicture } from '../../components/report/pixel-picture.tsx';
import { mediaTimeText, scoreOf100 } from '../../components/report/verdict-words.ts';
import { zipCrops } from './crops-archive.ts';
import type { Crop, LoadedScan } from './load-report.ts';

const CROP_SIDE_PIXELS = 104;

/** The faces as the network saw them, as long as they are remembered. */
export function CropsSection({
  loaded,
  crops,
}: {
  readonly loaded: LoadedScan;
  readonly crops: readonly Crop[] | null;
}) {
  if (crops !== null && crops.length === 0) return null;
  return (
    <section class="stack" aria-labelledby="faces">
      <div class="bar">
        <h2 id="faces">Faces that were judged</h2>
        {crops === null ? null : (
          <button type="button" class="push" onClick={() => saveCrops(loaded, crops)}>
            Save face crops
          </button>
        )}
      </div>
      {crops === null ? (
        <p class="quiet">
          The faces are no longer there: TrueFrame keeps those of the last few checks, in memory only. Check
          the video again to see them.
        </p>
      ) : (
        <>
          {crops.length < loaded.report.frameScores.length ? (
            <p class="quiet">
              The first {crops.length} of {loaded.report.frameScores.length} faces. The score was made from
              all of them.
            </p>
          ) : null}
          <CropGroups crops={crops} />
        </>
      )}
    </section>
  );
}

/** One group for each person, where there is more than one. */
function CropGroups({ crops }: { readonly crops: readonly Crop[] }) {
  const groups = [...Map.groupBy(crops, ({ personId }) => personId)].toSorted(([a], [b]) => a - b);
  return groups.map(([personId, own]) => (
    <Fragment key={personId}>
      {groups.length > 1 ? <h3>Person {personId}</h3> : null}
      <ul class="crops">
        {own.map((crop) => (
          <CropTile key={crop.frameIndex} crop={crop} />
        ))}
      </ul>
    </Fragment>
  ));
}

function CropTile({ crop: { picture, personId, mediaTimeSeconds, score } }: { readonly crop: Crop }) {
  return (
    <li>
      <PixelPicture
        picture={picture}
        sidePixels={CROP_SIDE_PIXELS}
        label={`Face of person ${String(personId)}`}
      />
      <div class="score-bar" aria-hidden="true">
        <div style={{ width: `${String(scoreOf100(score))}%` }} />
      </div>
      <p class="small number">
        <span class="hidden-text">score </span>
        {scoreOf100(score)} <span class="quiet">at {mediaTimeText(mediaTimeSeconds)}</span>
      </p>
    </li>
  );
}

function saveCrops(loaded: LoadedScan, crops: readonly Crop[]): void {
  const url = URL.createObjectURL(new Blob([zipCrops(loaded, crops)], { type: 'application/zip' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `trueframe-faces-${loaded.scanId}.zip`;
  link.click();
  // The download has taken the bytes over when the click's task is done; the address is of no further use.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
