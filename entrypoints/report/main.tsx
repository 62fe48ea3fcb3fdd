import { render } from 'preact';
import { Details } from './details.tsx';

/** The address is `report.html#SCAN_ID`. */
function show(): void {
  const scanId = decodeURIComponent(location.hash.slice(1));
  // A new key drops what was shown of another check.
  render(<Details key={scanId} scanId={scanId} />, document.body);
}

window.addEventListener('hashchange', show);
show();
