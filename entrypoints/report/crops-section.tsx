import { t } from '../../components/texts.tsx';
import { encodePng } from '../../models/image/png.ts';
import { toRaster } from '../../models/image/raster-image.ts';
import { cropFileName } from '../../utils/domain/bundle.ts';
import { saveFile } from './export-report.tsx';
import type { Crop, LoadedScan } from './load-report.ts';
import { strToU8, zipSync } from 'fflate';
import type { Zippable } from 'fflate';

/** Saves the faces as the network got them. */
export function SaveFacesButton(props: { readonly loaded: LoadedScan; readonly crops: readonly Crop[] }) {
  const { loaded, crops } = props;
  return (
    <button type="button" class="push" onClick={() => saveCrops(loaded, crops)}>
      {t('report.saveFaces')}
    </button>
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
