import type { DetectorError } from '../utils/domain/errors.ts';

/** Why the browser keeps a page closed, and what the user can do. @param error `page-refused` */
export function pageRefusedSentence({ params }: Pick<DetectorError, 'params'>): string {
  return params.place === 'frame'
    ? 'This video sits in a frame of another site, which the browser keeps closed to extensions. Open TrueFrame here to allow that site.'
    : 'The browser doesn’t let extensions read this page. Open the video on an ordinary web page to check it.';
}
