import { browser } from 'wxt/browser';
import { formatNumber, quiet, t, tRich } from '../../components/texts.tsx';
import { REGISTRY } from '../../models/detectors/registry.ts';
import type { Detector } from '../../models/detectors/detector.ts';
import {
  borders,
  accuracyAtHalf,
  bandsFor,
  of100,
  partOf,
  shownOf100,
  wilsonInterval,
} from '../../utils/domain/calibration.ts';
import type { CalibratedSet } from '../../utils/domain/calibration.ts';
import type { ScoreBands } from '../../utils/domain/report.ts';
import type { Settings } from '../../utils/domain/settings.ts';

type AboutProps = { readonly detector: Detector; readonly settings: Settings };

/** What TrueFrame can and cannot do, and what it is. @param detector the one that judges */
export function AboutSection({ detector, settings }: AboutProps) {
  return (
    <section class="stack" aria-labelledby="about">
      <h2 id="about">{t('options.about.title')}</h2>
      <p>{t('verdict.limits')}</p>
      <p>{t('limits.options', borders(bandsFor(detector, settings.falseAlarmsOf100)))}</p>
      {REGISTRY.detectors.map((each) => (
        <MeasuredSets key={each.id} detector={each} settings={settings} />
      ))}
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

/** How often a detector was right on each test set. Nothing for one without published results. */
function MeasuredSets({ detector, settings }: AboutProps) {
  if (detector.calibration === null) return null;
  const bands = bandsFor(detector, settings.falseAlarmsOf100);
  return (
    <table class="small">
      <caption>{t('options.about.measured', { detector: detector.name })}</caption>
      <thead>
        <tr>
          <th scope="col">{t('options.about.testSet')}</th>
          {[
            t('options.about.videos'),
            t('options.about.rightlyJudged'),
            t('options.about.falseAlarms', { from: borders(bands).from }),
          ].map((column) => (
            <th key={column} scope="col" class="number">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {detector.calibration.sets.map((set) => (
          <MeasuredSet key={set.name} set={set} bands={bands} />
        ))}
      </tbody>
    </table>
  );
}

function MeasuredSet({ set, bands }: { readonly set: CalibratedSet; readonly bands: ScoreBands }) {
  const { name, real, fake } = set;
  const falseAlarms = partOf(real, 'likely-manipulated', bands);
  const { low, high } = wilsonInterval(falseAlarms);
  const right = accuracyAtHalf(set);
  return (
    <tr>
      <th scope="row">
        <bdi>{name}</bdi>
      </th>
      <td class="number">
        {t('options.about.realAndFake', { real: real.atLeast[0]!, fake: fake.atLeast[0]! })}
      </td>
      <td class="number">
        {t('options.about.of100', { number: formatNumber((100 * right.count) / right.videos, 1) })}
      </td>
      <td class="number">
        {tRich('options.about.of100Between', {
          number: of100(falseAlarms),
          low: shownOf100(low),
          high: shownOf100(high),
          quiet,
        })}
      </td>
    </tr>
  );
}
