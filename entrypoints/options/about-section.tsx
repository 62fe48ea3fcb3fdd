import { browser } from 'wxt/browser';
import { formatNumber, t } from '../../components/texts.tsx';
import { MEASURED_SETS } from './measured-sets.ts';

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
            <th scope="col" class="number">
              {t('options.about.videos')}
            </th>
            <th scope="col" class="number">
              {t('options.about.rightlyJudged')}
            </th>
            <th scope="col" class="number">
              {t('options.about.falseAlarms')}
            </th>
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
      <p>{t('options.about.privacy')}</p>
      <p class="small quiet">
        {t('options.about.version', { version: browser.runtime.getManifest().version })}
      </p>
    </section>
  );
}
