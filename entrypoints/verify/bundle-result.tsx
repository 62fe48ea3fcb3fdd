import { Facts } from '../../components/facts.tsx';
import { formatInstant, isWebAddress, siteOf } from '../../components/format.ts';
import { VerdictMark } from '../../components/report/verdict-mark.tsx';
import { isDemoReport, scoreAndFramesText, wordsOfVerdict } from '../../components/report/verdict-words.ts';
import { t } from '../../components/texts.tsx';
import { showForeign } from '../../models/checkpoint/read/foreign-text.ts';
import type { CheckedBundle } from '../../models/evidence/check-bundle.ts';
import type { BundleProblem } from '../../utils/domain/bundle.ts';
import type { ExportedReport } from '../../utils/domain/exported-report.ts';
import { RepeatSection } from './repeat-section.tsx';

export type Shown = { readonly name: string } & (
  | { readonly kind: 'reading' }
  /** `reason` says what is damaged and where, for diagnostics. */
  | { readonly kind: 'unreadable'; readonly reason: string }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'failed' }
  | {
      readonly kind: 'checked';
      readonly checked: CheckedBundle;
      /** Signed by this profile's own key. */
      readonly isOwn: boolean;
    }
);

/** The most characters of a reason, a title or an address that are shown: a hostile bundle may have millions. */
const MAX_SHOWN_CHARACTERS = 400;

/** The result of checking a bundle. */
export function BundleResult({ shown }: { readonly shown: Shown }) {
  const { title, sentence } = wordsOf(shown);
  const isGood = shown.kind === 'checked' && shown.checked.problems.length === 0;
  return (
    <>
      <section class="stack" aria-labelledby="result">
        <p class="quiet one-line" dir="auto">
          {shown.name}
        </p>
        <h2 id="result" class={isGood || shown.kind === 'reading' ? '' : 'tone-not-sure'}>
          {title}
        </h2>
        <p class="hidden-text" role="status">
          {title}
        </p>
        {sentence === null ? null : <p>{sentence}</p>}
        {shown.kind === 'unreadable' ? (
          <p lang="en" dir="ltr" class="small quiet">
            {showForeign(shown.reason, MAX_SHOWN_CHARACTERS)}
          </p>
        ) : null}
        {shown.kind === 'checked' ? <Problems problems={shown.checked.problems} /> : null}
      </section>
      {shown.kind === 'checked' ? <Checked {...shown} /> : null}
    </>
  );
}

function wordsOf(shown: Shown): { readonly title: string; readonly sentence: string | null } {
  switch (shown.kind) {
    case 'reading':
      return { title: t('verify.working'), sentence: null };
    case 'unreadable':
      return { title: t('verify.unreadable'), sentence: t('verify.unreadableMeaning') };
    case 'too-large':
      return { title: t('verify.tooLarge'), sentence: t('verify.tooLargeMeaning') };
    case 'failed':
      return { title: t('verify.failed'), sentence: t('verify.failedMeaning') };
    case 'checked': {
      const { problems } = shown.checked;
      if (problems.length === 0) return { title: t('verify.whole'), sentence: t('verify.wholeMeaning') };
      return problems.every(({ kind }) => kind === 'archive')
        ? { title: t('verify.repacked'), sentence: t('verify.repackedMeaning') }
        : { title: t('verify.changed'), sentence: t('verify.changedMeaning') };
    }
  }
}

function Problems({ problems }: Pick<CheckedBundle, 'problems'>) {
  if (problems.length === 0) return null;
  return (
    <ul class="problems">
      {problems.map((problem, index) => (
        // The list never changes.
        <li key={index} dir="auto">
          {problemText(problem)}
        </li>
      ))}
    </ul>
  );
}

/** One problem in words. Names in a foreign archive are shown without characters that would turn or hide the text. */
function problemText(problem: BundleProblem): string {
  switch (problem.kind) {
    case 'damaged':
    case 'changed':
    case 'missing':
    case 'surplus':
    case 'malformed':
      return t(`verify.problem.${problem.kind}`, { file: showForeign(problem.file) });
    case 'other-pixels':
      return t('verify.problem.otherPixels', { file: showForeign(problem.file) });
    case 'signature':
      return t('verify.problem.signature');
    case 'archive': {
      const { file, offset } = problem;
      return file === null
        ? t('verify.problem.archiveDirectory', { offset })
        : t('verify.problem.archiveFile', { file: showForeign(file), offset });
    }
  }
}

function Checked({ checked, isOwn }: Extract<Shown, { readonly kind: 'checked' }>) {
  const { fingerprint, exported, crops } = checked;
  return (
    <>
      <section class="stack" aria-labelledby="signed-by">
        <h2 id="signed-by">{t('verify.signedBy')}</h2>
        {fingerprint === null ? (
          <p>{t('verify.notSigned')}</p>
        ) : (
          <>
            <p>{t(isOwn ? 'verify.ownKey' : 'verify.otherKey')}</p>
            <p>
              <code class="fingerprint small">{fingerprint}</code>
            </p>
          </>
        )}
        <p class="quiet small">{t('verify.meaning')}</p>
      </section>
      {exported === null ? null : (
        <>
          <Says exported={exported} />
          <RepeatSection exported={exported} crops={crops} />
        </>
      )}
    </>
  );
}

/** The bundle's own texts, which another person has written. */
function Says({ exported }: { readonly exported: ExportedReport }) {
  const { report, title, pageUrl, checkedAt, writtenBy, scanId } = exported;
  const { shape, tone, title: verdict, sentence } = wordsOfVerdict(report.verdict, isDemoReport(report));
  return (
    <section class="stack" aria-labelledby="says">
      <h2 id="says">{t('verify.says')}</h2>
      <p>
        <bdi>{showForeign(title === '' ? siteOf(pageUrl) : title, MAX_SHOWN_CHARACTERS)}</bdi>
        <br />
        <bdi class="quiet small address-text">
          {isWebAddress(pageUrl) ? (
            <a href={pageUrl} target="_blank" rel="noreferrer">
              {showForeign(pageUrl, MAX_SHOWN_CHARACTERS)}
            </a>
          ) : (
            showForeign(siteOf(pageUrl), MAX_SHOWN_CHARACTERS)
          )}
        </bdi>
      </p>
      <div class="said-verdict">
        <VerdictMark shape={shape} tone={tone} sizePixels={40} />
        <div>
          <p class={`tone-${tone} said-title`}>{verdict}</p>
          <p class="quiet number">{scoreAndFramesText(report)}</p>
        </div>
      </div>
      <p>{sentence}</p>
      <Facts
        facts={[
          [t('verify.checked'), formatInstant(Date.parse(checkedAt))],
          [t('verify.writtenBy'), t('verify.version', { version: showForeign(writtenBy, 40) })],
          [t('report.basis.check'), <code>{showForeign(scanId)}</code>],
        ]}
      />
    </section>
  );
}
