import { ConfirmButton } from '../../components/confirm-button.tsx';
import { dateLocale, formatBytes, formatMoment } from '../../components/format.ts';
import { modelName } from '../../components/model-label.ts';
import { DEMO_TITLE } from '../../components/verdict-words.ts';
import type { InstalledModel } from '../../utils/protocol.ts';

type ModelCardProps = {
  readonly model: InstalledModel;
  readonly isChosen: boolean;
  readonly isOnly: boolean;
  readonly onChoose: () => void;
  readonly onDelete: () => void;
};

/** One installed network. */
export function ModelCard({ model, isChosen, isOnly, onChoose, onDelete }: ModelCardProps) {
  const { modelId, dtype, byteLength, isDemo, installedAt, sourceName, sourceByteLength, sourceSha256 } =
    model;
  const name = modelName(model);
  return (
    <li class={`card stack ${isDemo ? 'demo-ground' : ''}`}>
      <div class="bar">
        <h3 class={isDemo ? 'tone-demo' : ''}>{name}</h3>
        {isDemo ? <span class="tone-demo">{DEMO_TITLE}</span> : null}
        {isOnly ? null : (
          <label class="bar push">
            <input type="radio" name="model" checked={isChosen} onChange={onChoose} />
            Use for checks
          </label>
        )}
      </div>
      <dl class="facts small">
        <dt>Weights</dt>
        <dd>
          {dtype}, {formatBytes(byteLength)}
        </dd>
        <dt>Made from</dt>
        <dd>
          {sourceName}, {formatBytes(sourceByteLength)}
        </dd>
        {sourceSha256 === null ? null : (
          <>
            <dt>Its SHA-256</dt>
            <dd>
              <code>{sourceSha256}</code>
            </dd>
          </>
        )}
        <dt>Installed</dt>
        <dd>{formatMoment(installedAt, Date.now(), dateLocale(navigator.languages))}</dd>
        <dt>Model id</dt>
        <dd>
          <code>{modelId}</code>
        </dd>
      </dl>
      <div>
        <ConfirmButton
          label="Delete"
          question="Delete it? Opening its file brings it back."
          confirmLabel="Delete"
          onConfirm={onDelete}
        />
      </div>
    </li>
  );
}
