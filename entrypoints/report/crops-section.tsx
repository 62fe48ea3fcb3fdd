import { Fragment } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { mediaTimeText, scoreOf100 } from '../../components/report/verdict-words.ts';
import { t, tRich } from '../../components/texts.tsx';
import { zipCrops } from './crops-archive.ts';
import type { Crop, LoadedScan } from './load-report.ts';

/** Four stand side by side in half a column. In CSS pixels. */
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
        <h2 id="faces">{t('report.faces')}</h2>
        {crops === null ? null : (
          <button type="button" class="push" onClick={() => saveCrops(loaded, crops)}>
            {t('report.saveFaces')}
          </button>
        )}
      </div>
      {crops === null ? (
        <p class="quiet">{t('report.facesGone')}</p>
      ) : (
        <>
          {crops.length < loaded.report.frameScores.length ? (
            <p class="quiet">
              {t('report.firstFaces', { shown: crops.length, all: loaded.report.frameScores.length })}
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
      {groups.length > 1 ? <h3>{t('report.person', { person: personId })}</h3> : null}
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
      <FacePicture picture={picture} label={t('report.face', { person: personId })} />
      <div class="score-bar" aria-hidden="true">
        <div style={{ width: `${String(scoreOf100(score))}%` }} />
      </div>
      <p class="small number">
        {tRich('score.rowAt', {
          hidden: (words) => <span class="hidden-text">{words}</span>,
          score: scoreOf100(score),
          quiet: (words) => <span class="quiet">{words}</span>,
          time: mediaTimeText(mediaTimeSeconds),
        })}
      </p>
    </li>
  );
}

/** The pixels as they came from the host. */
function FacePicture({ picture, label }: { readonly picture: ImageData; readonly label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    canvas.current?.getContext('2d')?.putImageData(picture, 0, 0);
  }, [picture]);
  return (
    <canvas
      ref={canvas}
      width={picture.width}
      height={picture.height}
      style={{ width: `${CROP_SIDE_PIXELS}px`, height: `${CROP_SIDE_PIXELS}px` }}
      role="img"
      aria-label={label}
    />
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
