import { readFrameCount } from './frame-count.ts';
import type { SettingsProps } from './use-settings.ts';
import { DEFAULT_SETTINGS, MAX_FRAMES, MIN_FRAMES } from '../../utils/domain/settings.ts';

/** How many frames a check takes, and whether the history keeps faces. */
export function ScanningSection({ settings: { framesAsked, keepFacePictures }, change }: SettingsProps) {
  return (
    <section class="stack" aria-labelledby="checking">
      <h2 id="checking">Checking</h2>
      <fieldset class="stack">
        <legend>Frames of one check</legend>
        <label class="choice">
          <input
            type="radio"
            name="frames"
            checked={framesAsked !== null}
            onChange={() => change({ framesAsked: DEFAULT_SETTINGS.framesAsked })}
          />
          <span class="bar">
            <input
              type="number"
              aria-label="Number of frames"
              min={MIN_FRAMES}
              max={MAX_FRAMES}
              value={framesAsked ?? DEFAULT_SETTINGS.framesAsked ?? MIN_FRAMES}
              disabled={framesAsked === null}
              onChange={({ currentTarget }) => {
                const count = readFrameCount(currentTarget.value);
                currentTarget.value = String(count);
                change({ framesAsked: count });
              }}
            />
            <span class="quiet">
              spread over the video, {MIN_FRAMES} to {MAX_FRAMES}. The published scores use 15.
            </span>
          </span>
        </label>
        <label class="choice">
          <input
            type="radio"
            name="frames"
            checked={framesAsked === null}
            onChange={() => change({ framesAsked: null })}
          />
          <span>
            As many as possible <span class="quiet">until the video ends. Takes longest.</span>
          </span>
        </label>
      </fieldset>
      <label class="choice">
        <input
          type="checkbox"
          checked={keepFacePictures}
          onChange={({ currentTarget }) => change({ keepFacePictures: currentTarget.checked })}
        />
        <span>
          Keep a small picture of the face in the history{' '}
          <span class="quiet">
            It shows a person, so it is off unless you want it. Whoever uses this browser can see it.
          </span>
        </span>
      </label>
    </section>
  );
}
