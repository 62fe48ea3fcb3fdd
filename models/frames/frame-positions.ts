/** "As many as the file has to give" must end on a film, too: as many as of a playing video. */
export const MAX_FRAMES_OF_FILE = 600;

/**
 * Which frames of a file are looked at: the original's own choice, `linspace(0, frameCount - 1, framesAsked)` cut down
 * to whole numbers. A file with fewer frames gives each once.
 * @param framesAsked from 1; null for as many as the file has to give
 * @returns frame numbers from 0, rising
 */
export function framePositions(frameCount: number, framesAsked: number | null): readonly number[] {
  const last = Math.max(0, Math.floor(frameCount) - 1);
  const count = Math.min(framesAsked ?? MAX_FRAMES_OF_FILE, last + 1);
  if (count <= 1) return [0];
  const step = last / (count - 1);
  // numpy puts the end itself at the end; a product could fall just below it.
  const positions = Array.from({ length: count }, (_, index) =>
    index === count - 1 ? last : Math.trunc(index * step),
  );
  return [...new Set(positions)];
}
