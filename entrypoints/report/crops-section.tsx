import { Fragment } from 'preact';
import { FacePicture } from '../../components/badge/evidence-strip.tsx';
import { mediaTimeText, scoreOf100 } from '../../components/report/verdict-words.ts';
import { hidden, quiet, t, tRich } from '../../components/texts.tsx';
import { encodePng } from '../../models/image/png.ts';
import { toRaster } from '../../models/image/raster-image.ts';
import { cropFileName } from '../../utils/domain/bundle.ts';
import type { ScoreBands } from '../../utils/domain/report.ts';
import { saveFile } from './export-report.tsx';
import type { Crop, LoadedScan } from './load-report.ts';
import { strToU8, zipSync } from 'fflate';
import type { Zippable } from 'fflate';

/** Four stand side by side in half a column. In CSS pixels. */
const CROP_SIDE_PIXELS = 104;

/** The faces as the network got them, while the host keeps them. */
export function CropsSection({ loaded }: { readonly loaded: LoadedScan }) {
  const { crops, report } = loaded;
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
          {crops.length < report.frameScores.length ? (
            <p class="quiet">
              {t('report.firstFaces', { shown: crops.length, all: report.frameScores.length })}
            </p>
          ) : null}
          <CropGroups crops={crops} bands={report.bands} />
        </>
      )}
    </section>
  );
}

/** One group for each person, where there is more than one. */
function CropGroups({ crops, bands }: { readonly crops: readonly Crop[]; readonly bands: ScoreBands }) {
  const groups = [...Map.groupBy(crops, ({ personId }) => personId)].toSorted(([a], [b]) => a - b);
  return groups.map(([personId, own]) => (
    <Fragment key={personId}>
      {groups.length > 1 ? <h3>{t('report.person', { person: personId })}</h3> : null}
      <ul class="crops">
        {own.map((crop) => (
          <CropTile key={crop.frameIndex} {...crop} score={scoreOf100(crop.score, bands)} />
        ))}
      </ul>
    </Fragment>
  ));
}

/** @param score of 100 */
function CropTile({ picture, personId, mediaTimeSeconds, score }: Crop) {
  const label = t('report.face', { person: personId });
  return (
    <li>
      <FacePicture picture={picture} label={label} sidePixels={CROP_SIDE_PIXELS} />
      <div class="score-bar" aria-hidden="true">
        <div style={{ width: `${score}%` }} />
      </div>
      <p class="small number">
        {tRich('score.rowAt', {
          hidden,
          score,
          quiet,
          time: mediaTimeText(mediaTimeSeconds),
        })}
      </p>
    </li>
  );
}

function saveCrops(loaded: LoadedScan, crops: readonly Crop[]): void {
  saveFile(`trueframe-faces-${loaded.scanId}.zip`, zipCrops(loaded, crops), 'application/zip');
}

/** PNG is deflated already, so the zip only stores it. */
const STORED = { level: 0 } as const;

/**
 * A zip of the faces as the network got them, one PNG each, and the scores in `scan.json`. The names begin with a
 * running number, so that `npm run score -- --model DIR *.png` takes them in the scan's order.
 */
export function zipCrops(loaded: LoadedScan, crops: readonly Crop[]): Uint8Array<ArrayBuffer> {
  const names = crops.map(cropFileName);
  const { report, title, pageUrl, scanId } = loaded;
  const summary = {
    scanId,
    title,
    pageUrl,
    model: report.used.model,
    verdict: report.verdict,
    crops: crops.map(({ personId, frameIndex, mediaTimeSeconds, score, logits }, index) => ({
      file: names[index],
      personId,
      frameIndex,
      mediaTimeSeconds,
      score,
      logits,
    })),
  };
  const files: Zippable = { 'scan.json': strToU8(`${JSON.stringify(summary, null, 2)}\n`) };
  for (const [index, { picture }] of crops.entries()) {
    files[names[index]!] = [encodePng(toRaster(picture)), STORED];
  }
  return zipSync(files);
}
