import { render } from 'preact';
import { FaceBoxes } from '../../components/badge/face-boxes.tsx';
import type { DrawnBox } from '../../components/badge/face-boxes.tsx';
import { FrameTimeline } from '../../components/badge/frame-timeline.tsx';
import facesStyle from '../../components/badge/faces.css?inline';
import { isDemoReport, markOfPerson, pooledSentence } from '../../components/report/verdict-words.ts';
import { contentBoxOf, pictureOf } from '../../utils/browser/content-box.ts';
import { createElement } from '../../utils/browser/dom.ts';
import type { FollowedFaces } from '../../utils/browser/frame-world.ts';
import type { PageBox } from '../../utils/domain/content-messages.ts';
import { faceAt, judgedFrames, tracksOf } from '../../utils/domain/face-tracks.ts';
import { boxOnVideo, layerOnVideo } from './box-on-video.ts';
import { watchVideo } from './watch-video.ts';
import type { VideoMoment } from './watch-video.ts';

/**
 * A frame's time is where the frame begins. The player's clock counts in other fractions than the file's, and just before
 * that time the former frame is shown.
 */
const INTO_FRAME_SECONDS = 0.001;

/** Draws the judged faces on their video, and the timeline of the open card, until `signal`. */
export function followFaces({ video, place, overlay, report }: FollowedFaces, signal: AbortSignal): void {
  if (signal.aborted) return;
  const tracks = tracksOf(report.frameScores);
  const frames = judgedFrames(report.frameScores);
  const isDemo = isDemoReport(report);
  const pooled = pooledSentence(report);
  const hasSeveralPeople = tracks.length > 1;
  const marks = new Map(
    report.verdict.kind === 'refused'
      ? []
      : report.verdict.people.map(({ personId, kind }) => [personId, markOfPerson(kind, report)]),
  );
  const boxesRoot = styledRoot(overlay.addPlace('', signal));
  const boxesLayer = createElement('div');
  boxesLayer.className = 'layer';
  boxesRoot.append(boxesLayer);
  const timeline = createElement('div');
  timeline.className = 'timeline-host';
  const timelineRoot = styledRoot(timeline);
  let shown = '';

  const drawBoxes = ({ seconds, visible }: VideoMoment): void => {
    const content = isInPage(video, place) ? contentBoxOf(video) : null;
    const picture = content && pictureOf(video, content);
    const within = content && layerOnVideo(content, visible);
    const boxes: DrawnBox[] = [];
    for (const track of content && picture && within ? tracks : []) {
      const face = faceAt(track, seconds);
      if (face === null) continue;
      boxes.push({
        personId: track.personId,
        isBetween: face.isBetween,
        ...(marks.get(track.personId) ?? markOfPerson('refused', report)),
        ...boxOnVideo(face.box, { picture: picture!, content: content! }, within!),
      });
    }
    const next = JSON.stringify([within, boxes]);
    if (next === shown) return;
    shown = next;
    if (within) placeAt(boxesLayer, within);
    render(<FaceBoxes boxes={boxes} hasNumbers={hasSeveralPeople} />, boxesLayer);
  };

  const drawTimeline = ({ seconds }: VideoMoment): void => {
    // The card is drawn anew with each change of what it says.
    const card = place.querySelector('.card');
    if (card !== null && timeline.parentNode !== card) card.append(timeline);
    render(
      <>
        {pooled !== null && <p class="pooled" data-text={pooled} />}
        <div class="lower-edge">
          <FrameTimeline
            frames={frames}
            bands={report.bands}
            isDemo={isDemo}
            hasSeveralPeople={hasSeveralPeople}
            now={indexAt(seconds)}
            onSeek={(index) => {
              video.currentTime = frames[index]!.mediaTimeSeconds + INTO_FRAME_SECONDS;
            }}
          />
        </div>
      </>,
      timelineRoot,
    );
  };

  /** Of the frame that is nearest in time. */
  const indexAt = (seconds: number): number => {
    const distances = frames.map(({ mediaTimeSeconds }) => Math.abs(mediaTimeSeconds - seconds));
    return distances.indexOf(Math.min(...distances));
  };

  let now = -1;
  watchVideo(
    video,
    (moment) => {
      drawBoxes(moment);
      const index = indexAt(moment.seconds);
      if (index !== now || !timeline.isConnected) drawTimeline(moment);
      now = index;
    },
    signal,
  );
  signal.addEventListener('abort', () => {
    render(null, boxesLayer);
    render(null, timelineRoot);
    timeline.remove();
  });
}

/** Open, since no page has a way into the overlay's own root around it. */
function styledRoot(host: HTMLElement): ShadowRoot {
  const root = host.attachShadow({ mode: 'open' });
  const style = new CSSStyleSheet();
  style.replaceSync(facesStyle);
  root.adoptedStyleSheets = [style];
  return root;
}

/** The overlay hides its badge where something of the page lies over the video. */
function isInPage(video: HTMLVideoElement, place: HTMLElement): boolean {
  return place.classList.contains('is-shown') && document.pictureInPictureElement !== video;
}

function placeAt({ style }: HTMLElement, { left, top, width, height }: PageBox): void {
  style.transform = `translate(${String(left)}px, ${String(top)}px)`;
  style.width = `${String(width)}px`;
  style.height = `${String(height)}px`;
}
