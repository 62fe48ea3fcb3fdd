/** Endings of files that may hold a video. The original takes the first five; the browser or FFmpeg decodes the others. */
export const VIDEO_EXTENSIONS = [
  ...['avi', 'mp4', 'mpg', 'mpeg', 'mov'],
  ...['mkv', 'webm', 'wmv', 'flv', 'm4v', '3gp'],
] as const;

/** Names of pictures that stand for the frames of a video, as the original takes them. */
const PICTURE_NAME = /^[^.].*\.(png|jpe?g)$/i;

export function isPictureName(name: string): boolean {
  return PICTURE_NAME.test(name);
}
