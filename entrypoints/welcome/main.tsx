import { render } from 'preact';
import { nameDocument } from '../../components/texts.tsx';
import { Welcome } from './welcome.tsx';

nameDocument('welcome.pageTitle');
render(<Welcome />, document.body);
