import { formatBytes, formatMoment } from '../format.ts';
import { t } from '../texts.tsx';
import { deviceName } from './model-label.ts';
import { deviceReason, deviceTestWords } from './self-test-words.ts';
import type { InstalledModel } from '../../utils/domain/model.ts';

type ModelFactsProps = {
  readonly model: InstalledModel;
  readonly locale: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
};

/** What is known of a model: size, self-test, source, checksums. */
export function ModelFacts({ model, locale, now }: ModelFactsProps) {
  const { verifiedAt } = model;
  // The files that are there now are not those that were tested.
  const selfTest = model.state === 'invalid' ? null : model.selfTest;
  const moment = (at: number): string => formatMoment(at, now, locale);
  return (
    <dl class="facts small">
      <dt>{t('model.fact.weights')}</dt>
      <dd>{t('model.fact.formAndSize', { form: model.dtype, size: formatBytes(model.byteLength) })}</dd>
      <dt>{t('model.fact.installed')}</dt>
      <dd>{moment(model.installedAt)}</dd>
      {selfTest === null ? null : (
        <>
          <dt>{t('model.fact.runsOn')}</dt>
          <dd class={selfTest.device === null ? 'tone-not-sure' : ''}>{deviceReason(selfTest)}</dd>
          <dt>{deviceName('wasm')}</dt>
          <dd>{deviceTestWords(selfTest.wasm)}</dd>
          <dt>{deviceName('webgpu')}</dt>
          <dd>{deviceTestWords(selfTest.webgpu)}</dd>
          <dt>{t('model.fact.tested')}</dt>
          <dd>{moment(selfTest.testedAt)}</dd>
        </>
      )}
      {verifiedAt === null ? null : (
        <>
          <dt>{t('model.fact.filesChecked')}</dt>
          <dd>{t('model.fact.allAsWritten', { moment: moment(verifiedAt) })}</dd>
        </>
      )}
      <dt>{t('model.fact.madeFrom')}</dt>
      <dd>
        {t('model.fact.sourceAndSize', {
          source: model.sourceName,
          size: formatBytes(model.sourceByteLength),
        })}
      </dd>
      {model.sourceSha256 === null ? null : (
        <>
          <dt>{t('model.fact.sourceChecksum')}</dt>
          <dd>
            <code>{model.sourceSha256}</code>
          </dd>
        </>
      )}
      <dt>{t('model.fact.modelId')}</dt>
      <dd>
        <code>{model.modelId}</code>
      </dd>
    </dl>
  );
}
