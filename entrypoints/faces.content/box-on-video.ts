import { overlap } from '../../utils/browser/boxes.ts';
import type { ContentBox } from '../../utils/browser/content-box.ts';
import type { PageBox } from '../../utils/domain/content-messages.ts';

/** A part of a video's picture as an element of the overlay. */
export type BoxOnVideo = {
  readonly width: number;
  readonly height: number;
  /** CSS, from the layer's corner. */
  readonly transform: string;
};

/**
 * Where a box of the picture is drawn: moved, scaled and turned with the video. A mirrored box is turned back, so that what
 * stands at its corner can be read.
 * @param box in shares of the picture's sides
 * @param layer the element that holds the box, in the viewport
 */
export function boxOnVideo(
  box: PageBox,
  { picture, content }: { readonly picture: PageBox; readonly content: ContentBox },
  layer: PageBox,
): BoxOnVideo {
  const { a, b, c, d, e, f } = content.toViewport;
  const [acrossPixels, downPixels] = [Math.hypot(a, b), Math.hypot(c, d)];
  const isMirrored = a * d - b * c < 0;
  const flipsDown = isMirrored && d < 0;
  const flipsAcross = isMirrored && !flipsDown;
  const width = box.width * picture.width;
  const height = box.height * picture.height;
  const x = picture.left + box.left * picture.width + (flipsAcross ? width : 0);
  const y = picture.top + box.top * picture.height + (flipsDown ? height : 0);
  const [across, down] = [(flipsAcross ? -1 : 1) / acrossPixels, (flipsDown ? -1 : 1) / downPixels];
  const matrix = [
    a * across,
    b * across,
    c * down,
    d * down,
    a * x + c * y + e - layer.left,
    b * x + d * y + f - layer.top,
  ];
  return {
    width: width * acrossPixels,
    height: height * downPixels,
    // More digits than a screen has pixels are noise, and make equal places differ.
    transform: `matrix(${matrix.map((each) => each.toFixed(4)).join(', ')})`,
  };
}

/** The box in the viewport around the part of a video that is drawn. @param visible the part of it that scrolling containers leave */
export function layerOnVideo({ width, height, toViewport }: ContentBox, visible: PageBox): PageBox {
  const { a, b, c, d, e, f } = toViewport;
  const corners = [
    [0, 0],
    [width, 0],
    [0, height],
    [width, height],
  ] as const;
  const xs = corners.map(([x, y]) => a * x + c * y + e);
  const ys = corners.map(([x, y]) => b * x + d * y + f);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const around = { left, top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
  return overlap(around, visible);
}
