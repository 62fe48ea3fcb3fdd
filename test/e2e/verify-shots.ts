import { makeBundle, pictureOf } from '../fixtures/bundles/make-bundle.ts';
import type { Shot } from './screenshots.ts';

/** The page that verifies bundles: with nothing, a whole bundle, a damaged one, and a file that is none. */
export const VERIFY_SHOTS: readonly Shot[] = [
  { name: 'verify-empty', page: 'verify', stage: {} },
  verifyShot('verify-whole', (bundle) => bundle, '#repeat'),
  verifyShot(
    'verify-changed',
    (bundle) => {
      const changed = bundle.slice();
      changed[changed.indexOf(0x7b)]! ^= 1;
      return changed;
    },
    '.problems',
  ),
  verifyShot('verify-unreadable', (bundle) => bundle.slice(0, -30), '#result + p + p'),
];

/**
 * Takes a picture.
 * @param shown selector of an element that is there when the page has read the bundle
 */
function verifyShot(
  name: string,
  change: (bundle: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>,
  shown: string,
): Shot {
  return {
    name,
    page: 'verify',
    stage: {},
    act: async (page) => {
      const bundle = change(await makeBundle({ pictures: [pictureOf(1, 224), pictureOf(2, 224)] }));
      const file = {
        name: 'trueframe-evidence.zip',
        mimeType: 'application/zip',
        buffer: Buffer.from(bundle),
      };
      await page.locator('input[type=file]').setInputFiles(file);
      await page.locator(shown).waitFor();
    },
  };
}
