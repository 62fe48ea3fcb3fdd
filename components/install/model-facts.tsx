import { formatBytes, formatMoment } from '../format.ts';
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
  // What was tested are not the files that lie there now.
  const selfTest = model.state === 'invalid' ? null : model.selfTest;
  const moment = (at: number): string => formatMoment(at, now, locale);
  return (
    <dl class="facts small">
      <dt>Weights</dt>
      <dd>
        {model.dtype}, {formatBytes(model.byteLength)}
      </dd>
      <dt>Installed</dt>
      <dd>{moment(model.installedAt)}</dd>
      {selfTest === null ? null : (
        <>
          <dt>Runs on</dt>
          <dd class={selfTest.device === null ? 'tone-not-sure' : ''}>{deviceReason(selfTest)}</dd>
          <dt>WASM</dt>
          <dd>{deviceTestWords(selfTest.wasm)}</dd>
          <dt>WebGPU</dt>
          <dd>{deviceTestWords(selfTest.webgpu)}</dd>
          <dt>Tested</dt>
          <dd>{moment(selfTest.testedAt)}</dd>
        </>
      )}
      {verifiedAt === null ? null : (
        <>
          <dt>Files checked</dt>
          <dd>{moment(verifiedAt)}: all as they were written</dd>
        </>
      )}
      <dt>Made from</dt>
      <dd>
        {model.sourceName}, {formatBytes(model.sourceByteLength)}
      </dd>
      {model.sourceSha256 === null ? null : (
        <>
          <dt>Its SHA-256</dt>
          <dd>
            <code>{model.sourceSha256}</code>
          </dd>
        </>
      )}
      <dt>Model id</dt>
      <dd>
        <code>{model.modelId}</code>
      </dd>
    </dl>
  );
}
