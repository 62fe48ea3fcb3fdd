import { formatBytes } from '../format.ts';
import { ModelFacts } from './model-facts.tsx';
import { modelName } from './model-label.ts';
import { provenanceWords } from './provenance-words.ts';
import { t } from '../texts.tsx';
import { isPublished } from '../../utils/domain/model.ts';
import type { InstalledModel } from '../../utils/domain/model.ts';

/** What is being done with one model, or could not be done. */
export type ModelWork =
  | { readonly kind: 'verifying'; readonly doneByteLength: number; readonly totalByteLength: number }
  | { readonly kind: 'testing' }
  | { readonly kind: 'failed'; readonly message: string };

type ModelCardProps = {
  readonly model: InstalledModel;
  readonly work: ModelWork | null;
  readonly locale: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
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

/** One installed network: where it came from, what it is, how it does here. */
export function ModelCard(props: ModelCardProps) {
  const { model, work, locale, now, isChosen, isChoice } = props;
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
              <code class="small quiet breakable">{model.problem}</code>
            </>
          )}
        </p>
      ) : null}
      <ModelFacts model={model} locale={locale} now={now} />
      {work?.kind === 'verifying' ? (
        <div class="stack">
          <progress
            aria-label={t('model.checkingFiles', { name })}
            max={work.totalByteLength}
            value={work.doneByteLength}
          />
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

function ModelButtons({
  model,
  work,
  canReinstall,
  onTest,
  onVerify,
  onReinstall,
  onDelete,
}: ModelCardProps) {
  const name = modelName(model);
  const isBusy = work !== null && work.kind !== 'failed';
  const isInvalid = model.state === 'invalid';
  return (
    <div class="bar">
      {isInvalid ? null : (
        <>
          <button
            type="button"
            disabled={isBusy}
            aria-label={t('model.testNamed', { name })}
            onClick={onTest}
          >
            {t(model.selfTest === null ? 'model.test' : 'model.testAgain')}
          </button>
          <button
            type="button"
            disabled={isBusy}
            aria-label={t('model.checkFilesNamed', { name })}
            onClick={onVerify}
          >
            {t('model.checkFiles')}
          </button>
        </>
      )}
      {isInvalid && canDownload(model) ? (
        <button
          type="button"
          class="primary"
          disabled={!canReinstall}
          aria-label={t('model.reinstallNamed', { name })}
          onClick={onReinstall}
        >
          {t('model.reinstall')}
        </button>
      ) : null}
      <button
        type="button"
        class="push"
        disabled={isBusy}
        aria-label={t('model.deleteNamed', { name })}
        onClick={onDelete}
      >
        {t('action.delete')}
      </button>
    </div>
  );
}

/** Whether the same bytes can be had from the publisher. */
function canDownload({ provenance, isDemo }: InstalledModel): boolean {
  return isPublished(provenance) && !isDemo;
}

function workWords(work: ModelWork | null): string {
  switch (work?.kind) {
    case undefined:
      return '';
    case 'verifying':
      return '';
    case 'testing':
      return t('model.testing');
    case 'failed':
      return work.message;
  }
}
