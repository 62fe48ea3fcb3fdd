import { drawnPath } from '../../utils/browser/content-box.ts';

/** A smaller difference is rounding, or a fade that the user can't see. */
const UNFADED_FROM = 0.99;

/** Filters that leave the picture's own pixels as they are. */
const HARMLESS_FILTERS =
  /drop-shadow\((?:[^()]|\([^()]*\))*\)|(?:brightness|contrast|saturate|opacity)\((?:1|100%)\)|(?:blur|grayscale|sepia|invert|hue-rotate)\(0(?:px|deg|%)?\)/g;

/**
 * Whether the page alters the colours of a video by a filter, a blend, a mask or fading: of the video, of an ancestor,
 * or of a frame around it that can be tested. Also true if the page hides the video, so that the user sees something
 * else. Turns, mirrors, `image-rendering` and forced colours do not count: the face stays the same one.
 */
export function isAlteredByPage(video: HTMLVideoElement): boolean {
  return [video, ...frameElementsAround()].some((element) => {
    const path = drawnPath(element);
    const opacity = path.reduce((product, each) => product * Number(getComputedStyle(each).opacity), 1);
    const isHidden = getComputedStyle(element).visibility !== 'visible';
    return isHidden || opacity < UNFADED_FROM || path.some(isAltering);
  });
}

function isAltering(element: Element): boolean {
  const style = getComputedStyle(element);
  const mask = style.maskImage;
  return (
    style.filter.replace(HARMLESS_FILTERS, '').replace('none', '').trim() !== '' ||
    !/^(?:normal|)$/.test(style.mixBlendMode) ||
    // An opaque mask was the way to round corners before every browser had `border-radius`.
    (!/^(?:none|)$/.test(mask) && !isOpaqueGradient(mask)) ||
    !/^(?:none|)$/.test(style.getPropertyValue('mask-border-source'))
  );
}

/** Computed gradients name their colours as `rgb()`, or `rgba()` where they are transparent. */
function isOpaqueGradient(image: string): boolean {
  return !image.includes('url(') && !/rgba\(|transparent|\/ ?[0.]/.test(image);
}

/** The frames up to the first document of another origin. */
function frameElementsAround(): readonly Element[] {
  const elements: Element[] = [];
  try {
    for (let frame: Window = window; frame !== frame.top; frame = frame.parent) {
      const element = frame.frameElement;
      if (element === null) break;
      elements.push(element);
    }
  } catch {
    // The extension can't test a document of another origin (HTML, "cross-origin properties").
  }
  return elements;
}
