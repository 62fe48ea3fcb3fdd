import { renderToString } from 'preact-render-to-string';
import { browser } from 'wxt/browser';
import documentStyle from '../../components/report/report-document.css?inline';
import { ReportDocument } from '../../components/report/report-document.tsx';
import { mostTelling } from '../../components/report/telling-faces.ts';
import { createKeyPair, createSigner, fingerprintOf } from '../../models/evidence/signature.ts';
import { writeBundle } from '../../models/evidence/write-bundle.ts';
import type { BundledCrop } from '../../models/evidence/write-bundle.ts';
import { encodePng } from '../../models/image/png.ts';
import { toRaster } from '../../models/image/raster-image.ts';
import { getSigningKey } from '../../utils/browser/signing-key.ts';
import { EXPORT_VERSION } from '../../utils/domain/exported-report.ts';
import type { ExportedReport } from '../../utils/domain/exported-report.ts';
import type { Crop, LoadedScan } from './load-report.ts';

/** One check as a value of its own, which {@link ExportedReport} describes. */
export function exportedOf({ scanId, title, pageUrl, at, report }: LoadedScan): ExportedReport {
  return {
    format: 'trueframe-report',
    version: EXPORT_VERSION,
    writtenBy: browser.runtime.getManifest().version,
    scanId,
    title,
    pageUrl,
    checkedAt: new Date(at).toISOString(),
    report,
  };
}

/** The check as a page. @param fingerprint of the key that signs the bundle around it; null for a page by itself */
export async function htmlOf(loaded: LoadedScan, fingerprint: string | null = null): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(documentStyle));
  const style = { text: documentStyle, sha256Base64: toBase64(new Uint8Array(hash)) };
  return render(loaded, { fingerprint, style });
}

/** The check as a signed archive. */
export async function bundleOf(loaded: LoadedScan): Promise<Uint8Array<ArrayBuffer>> {
  const signer = await createSigner((await getSigningKey(createKeyPair)).pair);
  return await writeBundle({
    exported: exportedOf(loaded),
    html: await htmlOf(loaded, await fingerprintOf(signer.publicKey)),
    crops: (loaded.crops ?? []).flatMap((crop): BundledCrop[] => {
      const faceIndex = faceIndexOf(loaded, crop);
      return faceIndex === null ? [] : [{ faceIndex, picture: toRaster(crop.picture) }];
    }),
    signer,
  });
}

/** Prints the page of {@link htmlOf} from a frame of its own, which the details page does not show. */
export async function printReport(loaded: LoadedScan): Promise<void> {
  const frame = document.createElement('iframe');
  frame.className = 'print-frame';
  frame.setAttribute('aria-hidden', 'true');
  frame.tabIndex = -1;
  frame.srcdoc = render(loaded, { fingerprint: null, style: null });
  const isLoaded = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
  document.body.append(frame);
  await isLoaded;
  const view = frame.contentWindow as Window & typeof globalThis;
  // The frame inherits the policy of extension pages, which allows no style element.
  const sheet = new view.CSSStyleSheet();
  sheet.replaceSync(documentStyle);
  view.document.adoptedStyleSheets = [sheet];
  view.addEventListener('afterprint', () => frame.remove());
  view.print();
}

type Frills = Pick<Parameters<typeof ReportDocument>[0], 'fingerprint' | 'style'>;

function render(loaded: LoadedScan, { fingerprint, style }: Frills): string {
  const faces = mostTelling(loaded.report, loaded.crops ?? []).map((crop) => ({
    ...loaded.report.frameScores[faceIndexOf(loaded, crop) ?? -1]!,
    src: `data:image/png;base64,${toBase64(encodePng(toRaster(crop.picture)))}`,
  }));
  return `<!doctype html>\n${renderToString(
    <ReportDocument exported={exportedOf(loaded)} faces={faces} fingerprint={fingerprint} style={style} />,
  )}\n`;
}

/** Index of a crop's face among the report's scores; null where the report has no such face. */
function faceIndexOf({ report }: LoadedScan, { personId, frameIndex }: Crop): number | null {
  const index = report.frameScores.findIndex(
    (face) => face.personId === personId && face.frameIndex === frameIndex,
  );
  return index === -1 ? null : index;
}

/** The number of arguments of one call is limited. */
const BASE64_BLOCK_BYTES = 8192;

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let offset = 0; offset < bytes.length; offset += BASE64_BLOCK_BYTES) {
    text += String.fromCharCode(...bytes.subarray(offset, offset + BASE64_BLOCK_BYTES));
  }
  return btoa(text);
}

/** Has the browser save a file under a name that it may change. */
export function saveFile(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download reads the bytes when the click's task is done; afterwards nothing uses the address.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
