import { Shape, toneColour } from '../report/verdict-mark.tsx';
import type { MarkShape, Tone } from '../report/verdict-words.ts';

/** One face on the video. */
export type DrawnBox = {
  readonly personId: number;
  /** Size of the frame, in CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** CSS, from the layer's corner to the frame's. */
  readonly transform: string;
  readonly shape: MarkShape;
  readonly tone: Tone;
  /** Between two judged frames. */
  readonly isBetween: boolean;
};

/**
 * Frames round the judged faces of a playing video, each in the colour of its person's verdict, with the verdict's
 * shape at a corner. They show what the card says in words, so a screen reader is told nothing.
 * @param hasNumbers whether there are several people, so that each frame has its person's number
 */
export function FaceBoxes(props: { readonly boxes: readonly DrawnBox[]; readonly hasNumbers: boolean }) {
  return props.boxes.map(({ personId, width, height, transform, shape, tone, isBetween }) => (
    <div
      key={personId}
      class={isBetween ? 'face is-between' : 'face'}
      style={{
        width: `${width}px`,
        height: `${height}px`,
        transform,
        color: toneColour(tone),
        borderStyle: tone === 'not-sure' ? 'dashed' : 'solid',
      }}
    >
      <span class="tag" {...(props.hasNumbers && { 'data-text': personId })}>
        <svg viewBox="3 3 10 10" width="12" height="12" fill="none">
          <Shape shape={shape} colour="currentColor" />
        </svg>
      </span>
    </div>
  ));
}
