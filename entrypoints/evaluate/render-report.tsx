import { renderToString } from 'preact-render-to-string';
import { browser } from 'wxt/browser';
import documentStyle from '../../components/report/report-document.css?inline';
import { ReportDocument } from '../../components/report/report-document.tsx';
import { EXPORT_VERSION } from '../../utils/domain/exported-report.ts';
import type { ExportedReport } from '../../utils/domain/exported-report.ts';
import type { ScanReport } from '../../utils/domain/report.ts';

/** A report as the page that the details page saves, without crops. @param title the video's name */
export async function renderReport(report: ScanReport, title: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(documentStyle));
  const style = { text: documentStyle, sha256Base64: btoa(String.fromCharCode(...new Uint8Array(hash))) };
  const exported: ExportedReport = {
    format: 'trueframe-report',
    version: EXPORT_VERSION,
    writtenBy: browser.runtime.getManifest().version,
    scanId: crypto.randomUUID(),
    title,
    pageUrl: `file:///${encodeURIComponent(title)}`,
    checkedAt: new Date().toISOString(),
    report,
  };
  return `<!doctype html>\n${renderToString(
    <ReportDocument exported={exported} faces={[]} fingerprint={null} style={style} />,
  )}\n`;
}
