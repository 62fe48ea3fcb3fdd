import { render } from 'preact';
import { nameDocument } from '../../components/texts.tsx';
import { ReportPage } from './report-page.tsx';

/** The address is `report.html#SCAN_ID`. */
function show(): void {
  const scanId = decodeURIComponent(location.hash.slice(1));
  // A new key drops what was shown of another check.
  render(<ReportPage key={scanId} scanId={scanId} />, document.body);
}

nameDocument('report.pageTitle');
window.addEventListener('hashchange', show);
show();
