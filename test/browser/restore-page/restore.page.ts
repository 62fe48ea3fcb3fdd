import type { ContentToHost, CutRegion } from '../../../utils/frames-port.ts';
import { createPictureCutter } from '../../../utils/picture-cutter.ts';
import { openStored } from '../../../utils/stored-picture.ts';

type StoredFrame = Extract<ContentToHost, { readonly type: 'stored-frame' }>;

/** What the host makes of a frame that was sent whole: its thumbnail, and a part of it. */
async function restoreFrame(
  { stored, widthPixels, heightPixels }: StoredFrame,
  region: CutRegion,
): Promise<{ readonly thumbnail: ImageData; readonly cut: ImageData | undefined }> {
  const cutter = createPictureCutter();
  const picture = openStored(stored);
  await cutter.place(picture, widthPixels, heightPixels);
  picture.close();
  return { thumbnail: cutter.frame().thumbnail, cut: cutter.cut([region])[0] };
}

Object.assign(globalThis, { restoreFrame });
