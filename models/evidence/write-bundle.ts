import { strToU8, zipSync } from 'fflate';
import type { Zippable } from 'fflate';
import { BUNDLE_FILES, cropPath } from '../../utils/domain/bundle.ts';
import { exportedText } from '../../utils/domain/exported-report.ts';
import type { ExportedReport } from '../../utils/domain/exported-report.ts';
import { sha256Of } from '../../utils/domain/sha256.ts';
import { encodePng } from '../image/png.ts';
import type { RasterImage } from '../image/raster-image.ts';
import { toPem } from './signature.ts';
import type { Signer } from './signature.ts';

/** One kept crop: the network's own input. */
export type BundledCrop = {
  /** Index among the report's `frameScores`, from 0. */
  readonly faceIndex: number;
  readonly picture: RasterImage;
};

type BundleParts = {
  readonly exported: ExportedReport;
  /** The report as an HTML page. */
  readonly html: string;
  /** The crops of the judged faces; empty if they were not kept. */
  readonly crops: readonly BundledCrop[];
  readonly signer: Signer;
};

/** One check as a signed archive; {@link BUNDLE_FILES} says what each file is. */
export async function writeBundle({
  exported,
  html,
  crops,
  signer,
}: BundleParts): Promise<Uint8Array<ArrayBuffer>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>([
    [BUNDLE_FILES.html, strToU8(html)],
    [BUNDLE_FILES.json, strToU8(exportedText(exported))],
  ]);
  for (const { faceIndex, picture } of crops) {
    files.set(cropPath(exported.report.frameScores[faceIndex]!, faceIndex), encodePng(picture));
  }
  files.set(BUNDLE_FILES.publicKey, strToU8(toPem(signer.publicKey)));
  const sums = strToU8(await formatSums(files));
  files.set(BUNDLE_FILES.sums, sums);
  files.set(BUNDLE_FILES.signature, await signer.sign(sums));
  return packBundle(files);
}

/** The format of coreutils' `sha256sum`: two spaces stand before a name. */
async function formatSums(files: ReadonlyMap<string, Uint8Array>): Promise<string> {
  const lines: string[] = [];
  for (const [name, bytes] of files) lines.push(`${await sha256Of(bytes)}  ${name}\n`);
  return lines.join('');
}

/**
 * The archive. Every byte of it follows from the names and contents. PNG is deflated already and the other files are
 * small, so all files are stored. Each file's time is the first one that zip has, since its own time would say nothing
 * that the report does not say.
 */
export function packBundle(files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): Uint8Array<ArrayBuffer> {
  const zippable: Zippable = Object.fromEntries(files);
  // fflate writes the time in the local zone.
  return new Uint8Array(zipSync(zippable, { level: 0, mtime: new Date(1980, 0, 1) }));
}
