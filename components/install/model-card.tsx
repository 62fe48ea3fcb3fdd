import { isPublished } from '../../utils/domain/model.ts';
import { formatBytes, formatMoment } from '../format.ts';
import { modelName, deviceName } from './model-label.ts';
import { t, camelCase } from '../texts.tsx';
import { Facts } from '../facts.tsx';
import type { Fact } from '../facts.tsx';
import type { InstalledModel } from '../../utils/domain/model.ts';
import { ByteProgress } from './install-progress.tsx';
import { deviceReason, deviceTestWords } from './self-test-words.ts';

/** The work on one model that is under way or has failed. */
export type ModelWork =
  | { readonly kind: 'verifying'; readonly doneByteLength: number; readonly totalByteLength: number }
  | { readonly kind: 'testing' }
  | { readonly kind: 'failed'; readonly message: string };

type ModelCardProps = {
  readonly model: InstalledModel;
  readonly work: ModelWork | null;
  readonly isChosen: boolean;
  /** Whether there is anything to choose from. */
  readonly isChoice: boolean;
  /** False while something is being installed. */
  readonly canReinstall: boolean;
  readonly onChoose: () => void;
  readonly onTest: () => void;
  readonly onVerify: () => void;
  readonly onReinstall: () => void;
  readonly onDelete: () => void;
};

/** One installed network: its source, its facts, and its self-test on this computer. */
export function ModelCard(props: ModelCardProps) {
  const { model, work, isChosen, isChoice } = props;
  const name = modelName(model);
  const isInvalid = model.state === 'invalid';
  return (
    <li class={`card stack ${model.isDemo ? 'demo-ground' : ''} ${isInvalid ? 'problem' : ''}`}>
      <div class="bar">
        <h3 class={model.isDemo ? 'tone-demo' : ''}>{name}</h3>
        {model.isDemo ? <span class="tone-demo">{t('demo.title')}</span> : null}
        {isInvalid ? <span class="tone-not-sure">{t('model.damaged')}</span> : null}
        {isChoice && !isInvalid ? (
          <label class="bar push">
            <input type="radio" name="model" checked={isChosen} onChange={props.onChoose} />
            {t('model.useForChecks')}
          </label>
        ) : null}
      </div>
      <p>{provenanceWords(model)}</p>
      {isInvalid ? (
        <p>
          {t(canDownload(model) ? 'model.invalid' : 'model.invalidOpenAgain')}
          {model.problem === null ? null : (
            <>
              <br />
              <code class="small quiet breakable" lang="en">
                {model.problem}
              </code>
            </>
          )}
        </p>
      ) : null}
      <ModelFacts model={model} />
      {work?.kind === 'verifying' ? (
        <div class="stack">
          <ByteProgress aria-label={t('model.checkingFiles', { name })} bytes={work} />
          <p class="small quiet number">
            {t('model.filesChecked', {
              done: formatBytes(work.doneByteLength),
              all: formatBytes(work.totalByteLength),
            })}
          </p>
        </div>
      ) : null}
      <p role="status" class={workWords(work) === '' ? 'hidden-text' : 'small quiet'}>
        {workWords(work)}
      </p>
      <ModelButtons {...props} />
    </li>
  );
}

function ModelButtons(props: ModelCardProps) {
  const { model, work, onTest, onVerify } = props;
  const name = modelName(model);
  const disabled = work !== null && work.kind !== 'failed';
  const isInvalid = model.state === 'invalid';
  const common = { type: 'button', disabled } as const;
  return (
    <div class="bar">
      {isInvalid ? null : (
        <>
          <button {...common} aria-label={t('model.testNamed', { name })} onClick={onTest}>
            {t(model.selfTest === null ? 'model.test' : 'model.testAgain')}
          </button>
          <button {...common} aria-label={t('model.checkFilesNamed', { name })} onClick={onVerify}>
            {t('model.checkFiles')}
          </button>
        </>
      )}
      {isInvalid && canDownload(model) ? (
        <button
          type="button"
          class="primary"
          disabled={!props.canReinstall}
          aria-label={t('model.reinstallNamed', { name })}
          onClick={props.onReinstall}
        >
          {t('model.reinstall')}
        </button>
      ) : null}
      <button {...common} class="push" aria-label={t('model.deleteNamed', { name })} onClick={props.onDelete}>
        {t('action.delete')}
      </button>
    </div>
  );
}

/** Whether the publisher has the same bytes. */
function canDownload({ provenance, isDemo }: InstalledModel): boolean {
  return isPublished(provenance) && !isDemo;
}

function workWords(work: ModelWork | null): string {
  if (work?.kind === 'testing') return t('model.testing');
  return work?.kind === 'failed' ? work.message : '';
}

/** Size, self-test, source and checksums of a model. */
function ModelFacts({ model }: Pick<ModelCardProps, 'model'>) {
  // The self-test of an invalid model was of other files.
  const selfTest = model.state === 'invalid' ? null : model.selfTest;
  const facts: Fact[] = [
    [
      t('model.fact.weights'),
      t('model.fact.formAndSize', { form: model.dtype, size: formatBytes(model.byteLength) }),
    ],
    [t('model.fact.installed'), formatMoment(model.installedAt)],
  ];
  if (selfTest !== null) {
    facts.push(
      [t('model.fact.runsOn'), deviceReason(selfTest), selfTest.device === null ? 'tone-not-sure' : ''],
      [deviceName('wasm'), deviceTestWords(selfTest.wasm)],
      [deviceName('webgpu'), deviceTestWords(selfTest.webgpu)],
      [t('model.fact.tested'), formatMoment(selfTest.testedAt)],
    );
  }
  if (model.verifiedAt !== null) {
    const moment = formatMoment(model.verifiedAt);
    facts.push([t('model.fact.filesChecked'), t('model.fact.allAsWritten', { moment })]);
  }
  const source = { source: model.sourceName, size: formatBytes(model.sourceByteLength) };
  facts.push([t('model.fact.madeFrom'), t('model.fact.sourceAndSize', source)]);
  if (model.sourceSha256 !== null) {
    facts.push([t('model.fact.sourceChecksum'), <code>{model.sourceSha256}</code>]);
  }
  facts.push([t('model.fact.modelId'), <code>{model.modelId}</code>]);
  return <Facts facts={facts} />;
}

/** Enough of a commit's name to find it by, as Git shows it. */
const REVISION_DIGITS = 7;

/** A model's source, in words that claim no more than was checked. */
export function provenanceWords(
  model: Pick<InstalledModel, 'provenance' | 'sourceRevision' | 'isDemo'>,
): string {
  const { provenance, sourceRevision, isDemo } = model;
  if (isDemo) return t('model.provenance.demo');
  if (provenance !== 'published-download') return t(`model.provenance.${camelCase(provenance)}`);
  return sourceRevision === null
    ? t('model.provenance.publishedDownload')
    : t('model.provenance.publishedDownloadRevision', {
        revision: sourceRevision.slice(0, REVISION_DIGITS),
      });
}
