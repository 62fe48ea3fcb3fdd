import { quiet, t, tRich } from '../../components/texts.tsx';
import type { SettingsProps } from './use-settings.ts';
import { DEFAULT_SETTINGS, MAX_FRAMES, MIN_FRAMES } from '../../utils/domain/settings.ts';

/** How many frames a check takes, and whether the history keeps faces. */
export function ScanningSection({ settings: { framesAsked, keepFacePictures }, change }: SettingsProps) {
  return (
    <section class="stack" aria-labelledby="checking">
      <h2 id="checking">{t('options.checking.title')}</h2>
      <fieldset class="stack">
        <legend>{t('options.checking.frames')}</legend>
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
              aria-label={t('options.checking.frameCount')}
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
              {t('options.checking.frameCountHint', { min: MIN_FRAMES, max: MAX_FRAMES })}
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
          <span>{tRich('options.checking.allFrames', { quiet })}</span>
        </label>
      </fieldset>
      <label class="choice">
        <input
          type="checkbox"
          checked={keepFacePictures}
          onChange={({ currentTarget }) => change({ keepFacePictures: currentTarget.checked })}
        />
        <span>{tRich('options.checking.keepFaces', { quiet })}</span>
      </label>
    </section>
  );
}

/** The number of frames that a text means: whole and within the limits; the default where it is no number. */
export function readFrameCount(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) return DEFAULT_SETTINGS.framesAsked ?? MIN_FRAMES;
  return Math.min(MAX_FRAMES, Math.max(MIN_FRAMES, Math.round(value)));
}
