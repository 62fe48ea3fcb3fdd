import { render } from 'preact';
import { CheckPage } from './check-page.tsx';

/** The address is `check.html#ADDRESS_OF_A_VIDEO`, or without one. */
const address = decodeURIComponent(location.hash.slice(1));
render(<CheckPage address={address} />, document.body);
