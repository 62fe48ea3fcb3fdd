import type { FrameSourceKind, ScanReport } from '../../utils/domain/report.ts';
import type { Fact } from '../facts.tsx';
import { formatTook } from '../format.ts';
import { deviceName, modelName } from '../install/model-label.ts';
import { formatNumber, t } from '../texts.tsx';

/** What a check was made with: where its frames came from, which networks judged them and where, and how long it took. */
export function basisFacts({ used, timings, calibration }: ScanReport): readonly Fact[] {
  const { model, source, screenScale } = used;
  const facts: Fact[] = [];
  if (source !== null) facts.push([t('report.basis.frames'), frameSourceText(source, screenScale), 'number']);
  if (model !== null) {
    facts.push(
      [t('report.basis.network'), modelName(model)],
      [t('report.basis.modelId'), <code>{model.modelId}</code>],
      [t('report.basis.weights'), model.dtype],
      [t('report.basis.device'), deviceName(model.device)],
    );
  }
  if (calibration) {
    const { testSet, real, realAlike, realLow, realHigh, fake, fakeAlike, fakeLow, fakeHigh } = calibration;
    facts.push(
      [
        t('report.basis.realAlike'),
        t('report.basis.counted', { testSet, count: realAlike, videos: real, low: realLow, high: realHigh }),
        'number',
      ],
      [
        t('report.basis.fakeAlike'),
        t('report.basis.counted', { testSet, count: fakeAlike, videos: fake, low: fakeLow, high: fakeHigh }),
        'number',
      ],
    );
  }
  if (timings !== null) {
    const total = formatTook(timings.totalMilliseconds);
    const detection = formatTook(timings.detectionMilliseconds);
    const inference = formatTook(timings.inferenceMilliseconds);
    facts.push([t('report.basis.time'), t('report.basis.times', { total, detection, inference }), 'number']);
  }
  return facts;
}

/**
 * The source of a scan's frames, in words.
 * @param screenScale captured pixels for each of the video's own, along a side
 */
function frameSourceText(source: FrameSourceKind, screenScale: number | null): string {
  return source === 'screen' && screenScale !== null && screenScale < 0.99
    ? t('report.frameSource.scaledScreen', { scale: formatNumber(screenScale, 2) })
    : t(`report.frameSource.${source}`);
}
