import { badgeSitesInPage } from '../../utils/browser/stored-in-page.ts';
import { isOfOrigins } from '../../utils/domain/origin-patterns.ts';

/**
 * Whether badges are on for the page that this frame is in. The script is registered for all hosts of a site, since its player
 * may be in a frame of the host that its videos come from; on that host's own pages, and in its frames on other sites, nothing
 * of ours has any business.
 */
export async function isOnForPage(): Promise<boolean> {
  // Not every browser tells of ancestors; there each frame goes by itself.
  const { origin, ancestorOrigins = [] } = location as {
    readonly origin: string;
    readonly ancestorOrigins?: ArrayLike<string>;
  };
  const pageOrigin = Array.from(ancestorOrigins).at(-1) ?? origin;
  return (await badgeSitesInPage().read()).some(
    ({ pagePatterns, originPatterns }) =>
      isOfOrigins(pageOrigin, pagePatterns) && isOfOrigins(origin, originPatterns),
  );
}
