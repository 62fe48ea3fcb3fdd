import type { FrameSourceKind } from '../../utils/domain/report.ts';

/** From where a scan's frames came, for the details. @param screenScale captured pixels for each of the video's own */
export function wayText(way: FrameSourceKind, screenScale: number | null): string {
  switch (way) {
    case 'source':
      return 'From the video’s file, evenly spread over it';
    case 'element':
      return 'From the playing video in the page';
    case 'screen':
      return screenScale === null || screenScale >= 0.99
        ? 'From the screen'
        : `From the screen, at ${screenScale.toFixed(2)} of the video’s own size`;
  }
}
