import type { FailedVideo, PlannedVideo, Sampling } from '../../utils/domain/evaluation.ts';
import type { RefusalReason } from '../../utils/domain/verdict.ts';
import { createEngineClient } from '../host/engine-client.ts';
import type { ExtractedFace, FaceInput } from '../scan/extract-faces.ts';
import { failureOf, openGiven, threadsOfEach } from './evaluate-videos.ts';
import type { EvaluationDeps, GivenVideo } from './evaluate-videos.ts';

export type ExtractionOptions = {
  /** null for as many as the file has to give. */
  readonly framesAsked: number | null;
  readonly sampling: Sampling;
  readonly input: FaceInput;
  /** Engines side by side, from 1. */
  readonly jobs: number;
};

export type ExtractionEvent =
  | { readonly kind: 'face'; readonly path: string; readonly face: ExtractedFace }
  /** After all faces of the video. */
  | {
      readonly kind: 'extracted';
      readonly path: string;
      readonly framesScanned: number;
      /** Why no frame could be read; null where some could. */
      readonly refusal: RefusalReason | null;
    }
  | { readonly kind: 'failed'; readonly failed: FailedVideo };

type ExtractionDeps = Pick<EvaluationDeps, 'startEngineWorker' | 'startDecodeWorker' | 'isHostAllowed'>;

/**
 * Cuts the faces of videos, as many videos at a time as there are engines, and judges none.
 * @param onEvent awaited before the video counts as ended
 */
export async function extractVideos(
  videos: readonly { readonly video: PlannedVideo; readonly given: GivenVideo }[],
  options: ExtractionOptions,
  deps: ExtractionDeps & { readonly onEvent: (event: ExtractionEvent) => Promise<void> },
): Promise<void> {
  const { onEvent } = deps;
  const signal = new AbortController().signal;
  const numThreads = threadsOfEach(options.jobs, navigator.hardwareConcurrency);
  let next = 0;

  async function work(): Promise<void> {
    const engine = createEngineClient(deps.startEngineWorker, { device: 'wasm', numThreads });
    try {
      while (next < videos.length) {
        const { video, given } = videos[next++]!;
        const { path } = video;
        const kept: Promise<void>[] = [];
        try {
          const { source } = await openGiven({ video, given, settings: options, deps }, signal);
          const onFace = (face: ExtractedFace): void => void kept.push(onEvent({ kind: 'face', path, face }));
          const extraction = await engine
            .extractFaces({ source, input: options.input, onFace }, signal)
            .finally(() => source.close());
          await Promise.all(kept);
          await onEvent({ kind: 'extracted', path, ...extraction });
        } catch (error) {
          await onEvent({ kind: 'failed', failed: failureOf(video, error) });
        }
      }
    } finally {
      engine.terminate();
    }
  }

  await Promise.all(Array.from({ length: options.jobs }, work));
}
