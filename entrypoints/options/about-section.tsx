import { browser } from 'wxt/browser';
import { formatNumber, t } from '../../components/texts.tsx';

/** How often the two networks together were right on one test set. */
export type MeasuredSet = {
  readonly name: string;
  readonly realVideos: number;
  readonly fakeVideos: number;
  /** Of 100 videos of the set, with the score cut at 50. */
  readonly rightOf100: number;
  /** Of 100 real videos of the set: those called "likely manipulated" (70 or more). */
  readonly falseAlarmsOf100: number;
};

/** Counted from the result files of each video that the detector's authors have published. */
const MEASURED_SETS: readonly MeasuredSet[] = [
  { name: 'DFDC', realVideos: 77, fakeVideos: 323, rightOf100: 98.5, falseAlarmsOf100: 0 },
  { name: 'FaceForensics++', realVideos: 204, fakeVideos: 203, rightOf100: 97.1, falseAlarmsOf100: 0.5 },
  { name: 'DeepfakeTIMIT', realVideos: 1343, fakeVideos: 640, rightOf100: 97.0, falseAlarmsOf100: 0.1 },
  { name: 'Celeb-DF v2', realVideos: 590, fakeVideos: 592, rightOf100: 91.0, falseAlarmsOf100: 7 },
];

/** What TrueFrame can and cannot do, and what it is. */
export function AboutSection() {
  return (
    <section class="stack" aria-labelledby="about">
      <h2 id="about">{t('options.about.title')}</h2>
      <p>{t('verdict.limits')}</p>
      <p>{t('limits.options')}</p>
      <table class="small">
        <caption>{t('options.about.measured')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('options.about.testSet')}</th>
            {(['videos', 'rightlyJudged', 'falseAlarms'] as const).map((column) => (
              <th key={column} scope="col" class="number">
                {t(`options.about.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {MEASURED_SETS.map(({ name, realVideos, fakeVideos, rightOf100, falseAlarmsOf100 }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="number">{t('options.about.realAndFake', { real: realVideos, fake: fakeVideos })}</td>
              <td class="number">{t('options.about.of100', { number: formatNumber(rightOf100, 1) })}</td>
              <td class="number">{t('options.about.of100', { number: falseAlarmsOf100 })}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>{t('options.about.socialMedia')}</p>
      <p>
        <a href="/evaluate.html" target="_blank">
          {t('evaluate.open')}
        </a>
      </p>
      <p>{t('options.about.privacy')}</p>
      <p class="small quiet">
        {t('options.about.version', { version: browser.runtime.getManifest().version })}
      </p>
    </section>
  );
}
