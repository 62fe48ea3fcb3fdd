import { t } from '../../components/texts.tsx';
import type { Crop, LoadedScan } from './load-report.ts';
import { encode } from 'fast-png';
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
  const url = URL.createObjectURL(new Blob([zipCrops(loaded, crops)], { type: 'application/zip' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `trueframe-faces-${loaded.scanId}.zip`;
  link.click();
  // The download reads the bytes when the click's task is done; afterwards nothing uses the address.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
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
    files[names[index]!] = [encodePng(picture), STORED];
  }
  return zipSync(files);
}

/** "003-frame-0007-person-1.png" */
export function cropFileName(
  { frameIndex, personId }: Pick<Crop, 'frameIndex' | 'personId'>,
  index: number,
): string {
  const digits = (value: number, count: number): string => String(value).padStart(count, '0');
  return `${digits(index + 1, 3)}-frame-${digits(frameIndex, 4)}-person-${String(personId)}.png`;
}

/** Not through a canvas: some browsers add noise to what is read back from one. */
function encodePng({ width, height, data }: ImageData): Uint8Array {
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    rgb.set(data.subarray(pixel * 4, pixel * 4 + 3), pixel * 3);
  }
  return encode({ width, height, data: rgb, channels: 3, depth: 8 });
}
