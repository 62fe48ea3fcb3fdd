import { readFile, stat } from 'node:fs/promises';
import { MAX_RESULTS_BYTE_LENGTH, parseResults } from '../../models/evaluation/results.ts';
import type { Results, VideoResult } from '../../models/evaluation/results.ts';
import { DetectorError, isDetectorError } from '../../utils/domain/errors.ts';

/**
 * Reads a file of results.
 * @param needed the true labels of which there must be a video
 * @throws DetectorError `results-invalid`, with the file's name; the system's error where it can't be read
 */
export async function readResults(
  path: string,
  needed: readonly VideoResult['trueLabel'][],
): Promise<Results> {
  try {
    const { size } = await stat(path);
    if (size > MAX_RESULTS_BYTE_LENGTH) {
      throw new DetectorError(
        'results-invalid',
        `it has ${size} bytes, more than ${MAX_RESULTS_BYTE_LENGTH}`,
      );
    }
    const results = parseResults(await readFile(path, 'utf8'));
    const missing = needed.find((label) => results.videos.every(({ trueLabel }) => trueLabel !== label));
    if (missing !== undefined) throw new DetectorError('results-invalid', `no video in it is ${missing}`);
    return results;
  } catch (error) {
    if (!isDetectorError(error, 'results-invalid')) throw error;
    throw new DetectorError('results-invalid', `${path}: ${error.message}`, { cause: error });
  }
}
