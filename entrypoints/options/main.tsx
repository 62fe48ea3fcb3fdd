import { render } from 'preact';
import { nameDocument } from '../../components/texts.tsx';
import { Options } from './options.tsx';

nameDocument('options.pageTitle');
render(<Options />, document.body);
