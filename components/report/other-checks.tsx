import type { ComponentChildren } from 'preact';
import { isWebAddress } from '../format.ts';
import { t, tRich } from '../texts.tsx';

/** The first pages of other tools: none of these addresses contains anything of the check. */
const lens = linkTo('https://lens.google.com/');
const tineye = linkTo('https://tineye.com/');
const yandex = linkTo('https://yandex.com/images/');
const exiftool = linkTo('https://exiftool.org/');
const credentials = linkTo('https://contentcredentials.org/verify');
const explorer = linkTo('https://toolbox.google.com/factcheck/explorer');

/** Puts the address of a page behind it: the link's own words say so. */
const ARCHIVE = 'https://web.archive.org/web/*/';

/**
 * Other ways to look into a video before believing it or calling it a fake. Nothing is fetched: each link opens when
 * the user clicks it, and only the archive's address contains an address of the check.
 */
export function OtherChecks({ pageUrl }: { readonly pageUrl: string }) {
  return (
    <ul class="other-checks">
      {isWebAddress(pageUrl) ? (
        <li>
          {tRich('otherChecks.page', { page: linkTo(pageUrl), archive: linkTo(`${ARCHIVE}${pageUrl}`) })}
        </li>
      ) : null}
      <li>{t('otherChecks.first')}</li>
      <li>{tRich('otherChecks.search', { lens, tineye, yandex })}</li>
      <li>{tRich('otherChecks.metadata', { exiftool, credentials })}</li>
      <li>{t('otherChecks.scene')}</li>
      <li>{tRich('otherChecks.factChecks', { explorer })}</li>
    </ul>
  );
}

/** A slot whose words are a link. The link does not tell the other site where it was clicked. */
function linkTo(href: string) {
  return (words: ComponentChildren) => (
    <a href={href} target="_blank" rel="noreferrer">
      {words}
    </a>
  );
}
