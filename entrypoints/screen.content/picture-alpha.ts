import { rectOf } from '../../utils/browser/dom.ts';
import type { Point } from '../../utils/browser/page-elements.ts';
import type { PageBox } from '../../utils/domain/content-messages.ts';
import { boxOf } from '../../utils/browser/boxes.ts';

/** Frames and plugins: it is not known what they draw. */
const FOREIGN = /^(?:IFRAME|FRAME|OBJECT|EMBED)$/i;
const PICTURES = /^(?:IMG|CANVAS|VIDEO|IMAGE)$/i;
/** Twice as fine as the grid on which covers are tested. */
const COLUMNS = 24;
const ROWS = 16;
/**
 * From this alpha on, of 255, a picture draws something. Shadows at a letter's edge and an encoder's noise have less.
 */
const DRAWN_FROM = 26;

/** Where a picture draws: a grid over its box. `all` where that is not known. */
type DrawnParts = 'none' | 'all' | ReadonlySet<number>;

/**
 * The least alpha, of 255, of a background picture that hides the video: half, as for other backgrounds. Some players
 * keep their shades as such pictures.
 */
const HIDDEN_FROM = 128;

/** One background picture that lies in the style itself; others are not known. */
const DATA_BACKGROUND = /^url\("(data:image\/[^"]+)"\)$/;

export type PictureReader = ReturnType<typeof createPictureReader>;

/** Reads where pictures draw, once for each picture. */
export function createPictureReader() {
  const elements = new Map<Element, DrawnParts | null>();
  /** null for one that has to be decoded. */
  const backgrounds = new Map<string, DrawnParts | null>();

  const backgroundPartsOf = (element: Element): DrawnParts | null => {
    const url = dataBackgroundOf(getComputedStyle(element));
    if (url === null) return null;
    const known = backgrounds.get(url);
    if (known === undefined) backgrounds.set(url, null);
    return known ?? 'all';
  };

  return {
    /**
     * The parts of an element's picture that draw.
     * @returns null for an element that has no picture whose parts could be known
     */
    partsOf: (element: Element): DrawnParts | null => {
      const known = elements.get(element);
      if (known !== undefined) return known ?? backgroundPartsOf(element);
      const parts = drawnPartsOf(element);
      elements.set(element, parts);
      return parts ?? backgroundPartsOf(element);
    },
    /**
     * Decodes the backgrounds that `partsOf` has met.
     * @returns whether there were any, so that the answers change
     */
    decodeBackgrounds: async (): Promise<boolean> => {
      const undecoded = [...backgrounds].flatMap(([url, parts]) => (parts === null ? [url] : []));
      for (const url of undecoded) backgrounds.set(url, await partsOfAddress(url));
      return undecoded.length > 0;
    },
  };
}

/** The address of an element's background, where it is one picture that lies in the style. */
export function dataBackgroundOf({ backgroundImage }: CSSStyleDeclaration): string | null {
  return DATA_BACKGROUND.exec(backgroundImage)?.[1] ?? null;
}

async function partsOfAddress(url: string): Promise<DrawnParts> {
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
  } catch {
    // The page's policy does not let the picture be loaded, or it is no picture. So it is not known what is drawn.
    return 'all';
  }
  return partsIn(image, HIDDEN_FROM);
}

/**
 * Where a picture element draws something. Players lay transparent canvases and images of their own size over their videos,
 * which hide nothing. A canvas of WebGL is empty but for the animation frame in which it was drawn.
 * @returns null of an element that is no picture
 */
function drawnPartsOf(element: Element): DrawnParts | null {
  const { tagName } = element;
  if (FOREIGN.test(tagName)) return 'all';
  if (!PICTURES.test(tagName)) return null;
  // The test is by name, since an element of another document belongs to other classes than this document's.
  if (/^video$/i.test(tagName)) {
    const { readyState, poster } = element as HTMLVideoElement;
    return readyState >= HTMLMediaElement.HAVE_CURRENT_DATA || poster !== '' ? 'all' : 'none';
  }
  return partsIn(element as CanvasImageSource, DRAWN_FROM);
}

/** @param from the alpha that counts, of 255 */
function partsIn(picture: CanvasImageSource, from: number): DrawnParts {
  try {
    const context = new OffscreenCanvas(COLUMNS, ROWS).getContext('2d', { willReadFrequently: true });
    if (context === null) return 'all';
    // A canvas without a side, and an image that has not loaded, draw nothing.
    context.drawImage(picture, 0, 0, COLUMNS, ROWS);
    const { data } = context.getImageData(0, 0, COLUMNS, ROWS);
    const cells = Array.from({ length: COLUMNS * ROWS }, (_, cell) => cell);
    const drawn = cells.filter((cell) => data[4 * cell + 3]! >= from);
    return drawn.length === 0 ? 'none' : drawn.length === cells.length ? 'all' : new Set(drawn);
  } catch (error) {
    // There is no picture, or it could not be loaded. Otherwise its pixels are of another origin.
    return (error as Error).name === 'InvalidStateError' ? 'none' : 'all';
  }
}

/** Whether a picture draws at a point of its document's viewport. */
export function drawsAt(parts: DrawnParts, element: Element, { x, y }: Point): boolean {
  if (typeof parts === 'string') return parts === 'all';
  const { left, top, width, height } = rectOf(element);
  const column = Math.min(COLUMNS - 1, Math.floor(((x - left) / width) * COLUMNS));
  const row = Math.min(ROWS - 1, Math.floor(((y - top) / height) * ROWS));
  return parts.has(row * COLUMNS + column);
}

/** The boxes in which a picture draws, in its document's viewport, rows of cells joined. */
export function drawnBoxes(parts: DrawnParts, element: Element): readonly PageBox[] {
  const box = boxOf(rectOf(element));
  if (typeof parts === 'string') return parts === 'all' ? [box] : [];
  const [width, height] = [box.width / COLUMNS, box.height / ROWS];
  const boxes: PageBox[] = [];
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      if (!parts.has(row * COLUMNS + column)) continue;
      const from = column;
      while (parts.has(row * COLUMNS + column + 1) && column + 1 < COLUMNS) column++;
      boxes.push({
        left: box.left + from * width,
        top: box.top + row * height,
        width: (column + 1 - from) * width,
        height,
      });
    }
  }
  return boxes;
}
