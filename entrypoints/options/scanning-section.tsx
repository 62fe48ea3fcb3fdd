import { quiet, t, tRich } from '../../components/texts.tsx';
import type { Detector } from '../../models/detectors/detector.ts';
import { borders, falseAlarmChoices, of100, partOf } from '../../utils/domain/calibration.ts';
import type { ScoreBands } from '../../utils/domain/report.ts';
import type { SettingsProps } from './use-settings.ts';
import { DEFAULT_SETTINGS, MAX_FRAMES, MIN_FRAMES } from '../../utils/domain/settings.ts';

type ScanningProps = SettingsProps & {
  /** The detector that judges. */
  readonly detector: Detector;
};

/** How many frames a check takes, when it says “Likely manipulated”, and whether the history keeps faces. */
export function ScanningSection({ settings, change, policy, detector }: ScanningProps) {
  const { framesAsked, keepFacePictures } = settings;
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
      <Sensitivity settings={settings} change={change} policy={policy} detector={detector} />
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

/** Moves the detector's bands along its calibration. It shows nothing for a detector without one. */
function Sensitivity({ settings: { falseAlarmsOf100 }, change, detector }: ScanningProps) {
  const set = detector.calibration?.sets[0];
  if (set === undefined) return null;
  const { name, real, fake } = set;
  const choices = falseAlarmChoices(detector);
  const isKept = choices.some((choice) => choice.falseAlarmsOf100 === falseAlarmsOf100);
  const slots = (bands: ScoreBands) => ({
    from: borders(bands).from,
    realOf100: of100(partOf(real, 'likely-manipulated', bands)),
    fakeOf100: of100(partOf(fake, 'likely-manipulated', bands)),
    quiet,
  });
  return (
    <fieldset class="stack">
      <legend>{t('options.checking.sensitivity')}</legend>
      <label class="choice">
        <input
          type="radio"
          name="sensitivity"
          checked={!isKept}
          onChange={() => change({ falseAlarmsOf100: null })}
        />
        <span>{tRich('options.checking.published', slots(detector.bands))}</span>
      </label>
      {choices.map((choice) => (
        <label key={choice.falseAlarmsOf100} class="choice">
          <input
            type="radio"
            name="sensitivity"
            checked={choice.falseAlarmsOf100 === falseAlarmsOf100}
            onChange={() => change({ falseAlarmsOf100: choice.falseAlarmsOf100 })}
          />
          <span>
            {tRich('options.checking.falseAlarms', {
              ...slots(choice.bands),
              most: choice.falseAlarmsOf100,
            })}
          </span>
        </label>
      ))}
      <p class="small quiet">
        {t('options.checking.sensitivityHint', {
          testSet: name,
          real: real.atLeast[0]!,
          fake: fake.atLeast[0]!,
        })}
      </p>
    </fieldset>
  );
}

/** The number of frames that a text means: whole and within the limits; the default where it is no number. */
export function readFrameCount(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) return DEFAULT_SETTINGS.framesAsked ?? MIN_FRAMES;
  return Math.min(MAX_FRAMES, Math.max(MIN_FRAMES, Math.round(value)));
}
