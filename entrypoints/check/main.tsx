import { render } from 'preact';
import { nameDocument } from '../../components/texts.tsx';
import { CheckPage } from './check-page.tsx';

/** The address is `check.html#ADDRESS_OF_A_VIDEO`, or without one. */
const address = decodeURIComponent(location.hash.slice(1));
nameDocument('check.pageTitle');
render(<CheckPage address={address} />, document.body);
