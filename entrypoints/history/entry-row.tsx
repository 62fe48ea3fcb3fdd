import { Fragment } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { formatMoment, isWebAddress } from '../../components/format.ts';
import { shownScoreOf } from '../../components/history/history-row.tsx';
import { modelName } from '../../components/install/model-label.ts';
import { VerdictMark } from '../../components/report/verdict-mark.tsx';
import { scoreOf100, wordsOfOutcome } from '../../components/report/verdict-words.ts';
import { hidden, t, tRich } from '../../components/texts.tsx';
import type { Annotation, HistorySummary } from '../../utils/domain/history.ts';
import { MAX_NOTE_LENGTH } from '../../utils/domain/scan.ts';

type EntryRowProps = {
  readonly entry: HistorySummary;
  /** Object URL of the face picture, where one was kept. */
  readonly pictureUrl: string | null;
  readonly isSelected: boolean;
  readonly onSelect: (isSelected: boolean) => void;
  readonly isOpen: boolean;
  readonly onOpen: (isOpen: boolean) => void;
  /** Another model, which was installed after this check, would judge now. */
  readonly isOlder: boolean;
  readonly onAnnotate: (annotation: Annotation) => void;
  readonly onDelete: () => void;
};

/**
 * One check, 44 px high: shape, title, verdict, site, model, score and time. When open, it takes the user's label and
 * note.
 */
export function EntryRow(props: EntryRowProps) {
  const { entry, pictureUrl, isSelected, onSelect, isOpen, onOpen, isOlder } = props;
  const { scanId, site, model, ownLabel, note } = entry;
  const isDemo = model?.isDemo === true;
  const { shape, tone, title: verdict } = wordsOfOutcome(entry);
  const score = shownScoreOf(entry);
  const name = nameOf(entry);
  const panelId = `entry-${scanId}`;
  const facts = [
    ...(ownLabel === null ? [] : [t(`history.own.${ownLabel}`)]),
    // A file's name is said once.
    ...(site === name ? [] : [site]),
    ...(model === null ? [] : [modelName(model)]),
    ...(note === '' ? [] : [note]),
  ];
  return (
    <li class={`entry ${isDemo ? 'demo-ground' : ''} ${isSelected ? 'is-selected' : ''}`}>
      <div class="entry-line">
        <input
          type="checkbox"
          aria-label={t('history.page.select', { title: name })}
          checked={isSelected}
          onChange={({ currentTarget }) => onSelect(currentTarget.checked)}
        />
        {pictureUrl === null ? null : <img src={pictureUrl} alt="" width="32" height="32" />}
        <VerdictMark shape={shape} tone={tone} sizePixels={20} />
        <div class="entry-text">
          <a class="one-line" dir="auto" href={detailsUrl(scanId)} target="_blank">
            {name}
          </a>
          <span class="one-line entry-facts quiet">
            <span class={`tone-${tone}`}>{verdict}</span>
            {facts.map((fact) => (
              <Fragment key={fact}>
                {' · '}
                <bdi>{fact}</bdi>
              </Fragment>
            ))}
          </span>
        </div>
        <span class="entry-side number">
          <span>
            {score === null
              ? null
              : tRich('score.row', {
                  hidden,
                  score: scoreOf100(score, entry.bands),
                  small: (words) => <span class="small quiet">{words}</span>,
                })}
          </span>
          <span class="entry-facts quiet">{formatMoment(entry.finishedAt)}</span>
        </span>
        <button
          type="button"
          class="sign"
          aria-expanded={isOpen}
          aria-controls={panelId}
          aria-label={t('history.page.more', { title: name })}
          onClick={() => onOpen(!isOpen)}
        >
          <MoreSign />
        </button>
      </div>
      <div id={panelId} class="entry-panel stack" hidden={!isOpen}>
        {isOpen ? (
          <>
            {isOlder ? <p class="small quiet">{t('history.page.older')}</p> : null}
            <AnnotationForm {...props} />
          </>
        ) : null}
      </div>
    </li>
  );
}

/** The user's own label and note, and the other actions on an entry. */
function AnnotationForm({ entry, onAnnotate, onDelete }: EntryRowProps) {
  const { scanId, pageUrl } = entry;
  const [ownLabel, setLabel] = useState(entry.ownLabel);
  const [note, setNote] = useState(entry.note);
  // "Undo" and other pages may change the entry.
  useEffect(() => {
    setLabel(entry.ownLabel);
    setNote(entry.note);
  }, [entry.ownLabel, entry.note]);
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        onAnnotate({ ownLabel, note: note.trim() });
      }}
    >
      <fieldset class="bar">
        <legend class="small quiet">{t('history.own.question')}</legend>
        {([null, 'real', 'manipulated'] as const).map((label) => (
          <label key={label} class="bar own-label">
            <input
              type="radio"
              name={`own-${scanId}`}
              checked={ownLabel === label}
              onChange={() => setLabel(label)}
            />
            {t(label === null ? 'history.own.nothing' : `history.own.${label}`)}
          </label>
        ))}
      </fieldset>
      <label class="stack note-field">
        <span class="small quiet">{t('history.own.note')}</span>
        <textarea
          rows={2}
          dir="auto"
          maxLength={MAX_NOTE_LENGTH}
          placeholder={t('history.own.noteHint')}
          value={note}
          onInput={({ currentTarget }) => setNote(currentTarget.value)}
        />
      </label>
      <div class="bar">
        <button type="submit" class="primary">
          {t('history.own.save')}
        </button>
        {isWebAddress(pageUrl) ? (
          <a class="button" href={pageUrl} target="_blank" rel="noreferrer">
            {t('history.page.openAgain')}
          </a>
        ) : (
          <a class="button" href="/check.html" target="_blank">
            {t('history.page.openFileAgain')}
          </a>
        )}
        <button type="button" class="push" onClick={onDelete}>
          {t('action.delete')}
        </button>
      </div>
    </form>
  );
}

/** The entry's title, or its site if it has no title. */
export function nameOf({ title, site }: Pick<HistorySummary, 'title' | 'site'>): string {
  return title === '' ? site : title;
}

function detailsUrl(scanId: string): string {
  return `/report.html#${encodeURIComponent(scanId)}`;
}

function MoreSign() {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" fill="currentColor">
      <circle cx="3" cy="8" r="1.5" />
      <circle cx="8" cy="8" r="1.5" />
      <circle cx="13" cy="8" r="1.5" />
    </svg>
  );
}
