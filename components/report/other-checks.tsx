import type { ComponentChildren } from 'preact';
import { isWebAddress } from '../format.ts';
import { formatParts, t, tRich } from '../texts.tsx';

/** Services by their own names. No address has anything of the check in it. */
const SERVICES = {
  search: [
    ['Google Lens', 'https://lens.google.com/'],
    ['TinEye', 'https://tineye.com/'],
    ['Yandex', 'https://yandex.com/images/'],
  ],
  factChecks: [['Fact Check Explorer', 'https://toolbox.google.com/factcheck/explorer']],
  metadata: [
    ['ExifTool', 'https://exiftool.org/'],
    ['Content Credentials', 'https://contentcredentials.org/verify'],
  ],
} as const;

/** Puts the address of a page behind it: the link's own words say so. */
const ARCHIVE = 'https://web.archive.org/web/*/';

/**
 * What else to look at before a video is believed or called a fake. Nothing is fetched: each link opens when the user
 * clicks it, and only the archive's has an address of the check in it.
 */
export function OtherChecks({ pageUrl }: { readonly pageUrl: string }) {
  return (
    <ul class="other-checks">
      {isWebAddress(pageUrl) ? (
        <li>
          {tRich('otherChecks.page', {
            page: (words) => <OutLink href={pageUrl}>{words}</OutLink>,
            archive: (words) => <OutLink href={`${ARCHIVE}${pageUrl}`}>{words}</OutLink>,
          })}
        </li>
      ) : null}
      <li>{t('otherChecks.first')}</li>
      <li>{tRich('otherChecks.search', { services: () => <Services of="search" /> })}</li>
      <li>{tRich('otherChecks.metadata', { services: () => <Services of="metadata" /> })}</li>
      <li>{t('otherChecks.scene')}</li>
      <li>{tRich('otherChecks.factChecks', { services: () => <Services of="factChecks" /> })}</li>
    </ul>
  );
}

function Services({ of }: { readonly of: keyof typeof SERVICES }) {
  return (
    <>
      {formatParts(
        SERVICES[of].map(([name, href]) => (
          <OutLink key={name} href={href}>
            {name}
          </OutLink>
        )),
      )}
    </>
  );
}

/** A link that tells the other side nothing of where it was clicked. */
function OutLink({ href, children }: { readonly href: string; readonly children: ComponentChildren }) {
  return (
    <a href={href} target="_blank" rel="noreferrer">
      {children}
    </a>
  );
}
