import { useRef, useState } from 'preact/hooks';
import { Facts } from '../../components/facts.tsx';
import { formatList, formatNumber, t } from '../../components/texts.tsx';
import { UndoBar } from '../../components/undo-bar.tsx';
import { useUndo } from '../../components/use-undo.ts';
import { askForSites, readAllSettings, writeAllSettings } from '../../utils/browser/all-settings.ts';
import {
  changedSettings,
  MAX_SETTINGS_BYTES,
  parseSettingsFile,
  settingsFile,
} from '../../utils/domain/settings-file.ts';
import type { AllSettings, SettingKey, SettingsProblem } from '../../utils/domain/settings-file.ts';
import type { BadgeSite } from '../../utils/domain/sites.ts';

type Preview = { readonly from: AllSettings; readonly to: AllSettings };
type Shown =
  | { readonly kind: 'nothing' }
  | ({ readonly kind: 'preview' } & Preview)
  | { readonly kind: 'problem'; readonly problem: SettingsProblem }
  | { readonly kind: 'refused'; readonly sites: readonly BadgeSite[] };

const NOTHING: Shown = { kind: 'nothing' };

/**
 * Saves the settings to a file, and reads them from one. Before they change, the page shows the changes; afterwards it
 * offers Undo.
 */
export function SettingsFileSection() {
  const [shown, setShown] = useState<Shown>(NOTHING);
  const { undoBar, offer } = useUndo();
  const field = useRef<HTMLInputElement>(null);

  async function open(file: File): Promise<void> {
    if (file.size > MAX_SETTINGS_BYTES) {
      setShown({ kind: 'problem', problem: { code: 'too-large' } });
      return;
    }
    const [parsed, from] = await Promise.all([file.text().then(parseSettingsFile), readAllSettings()]);
    setShown(
      'problem' in parsed
        ? { kind: 'problem', problem: parsed.problem }
        : { kind: 'preview', from, to: parsed.settings },
    );
  }

  /** It must be called in the task of a click, since the browser asks only then. */
  async function change({ from, to }: Preview): Promise<void> {
    const added = addedSites(from, to);
    const isAllowed = added.length === 0 || (await askForSites(added));
    const badgeSites = isAllowed ? to.badgeSites : to.badgeSites.filter((site) => !added.includes(site));
    await writeAllSettings({ ...to, badgeSites });
    setShown(isAllowed ? NOTHING : { kind: 'refused', sites: added });
  }

  async function apply({ from, to }: Preview): Promise<void> {
    await change({ from, to });
    offer(t('settingsFile.applied'), () => void change({ from: to, to: from }));
  }

  return (
    <section class="stack" aria-labelledby="settings-file">
      <h2 id="settings-file">{t('settingsFile.title')}</h2>
      <p class="quiet">{t('settingsFile.meaning')}</p>
      <div class="bar">
        <button type="button" onClick={() => void readAllSettings().then(save)}>
          {t('settingsFile.save')}
        </button>
        <button type="button" onClick={() => field.current?.click()}>
          {t('settingsFile.open')}
        </button>
        <input
          ref={field}
          type="file"
          hidden
          accept=".json,application/json"
          aria-label={t('settingsFile.field')}
          onChange={({ currentTarget }) => {
            const file = currentTarget.files?.[0];
            if (file !== undefined) void open(file);
            // The user can choose the same file again, such as one that was repaired.
            currentTarget.value = '';
          }}
        />
      </div>
      {shown.kind === 'problem' ? <p role="alert">{problemSentence(shown.problem)}</p> : null}
      {shown.kind === 'refused' ? (
        <p role="alert">{t('settingsFile.refused', { sites: namesOf(shown.sites) })}</p>
      ) : null}
      {shown.kind === 'preview' ? (
        <PreviewCard preview={shown} onApply={() => void apply(shown)} onCancel={() => setShown(NOTHING)} />
      ) : null}
      {undoBar === null ? null : <UndoBar {...undoBar} />}
    </section>
  );
}

type PreviewCardProps = {
  readonly preview: Preview;
  readonly onApply: () => void;
  readonly onCancel: () => void;
};

function PreviewCard({ preview: { from, to }, onApply, onCancel }: PreviewCardProps) {
  const changed = changedSettings(from, to);
  if (changed.length === 0) return <p role="status">{t('settingsFile.noChange')}</p>;
  const added = addedSites(from, to);
  return (
    <div class="card stack" role="status">
      <p>{t('settingsFile.preview')}</p>
      <Facts
        class="facts"
        facts={changed.map((key) => [
          t(`settingsFile.key.${key}`),
          t('settingsFile.change', { from: valueWords(from, key), to: valueWords(to, key) }),
        ])}
      />
      {added.length === 0 ? null : (
        <p class="quiet">{t('settingsFile.needsPermission', { sites: namesOf(added) })}</p>
      )}
      <div class="bar">
        <button type="button" class="primary" onClick={onApply}>
          {t('settingsFile.apply')}
        </button>
        <button type="button" onClick={onCancel}>
          {t('action.cancel')}
        </button>
      </div>
    </div>
  );
}

function addedSites(from: AllSettings, to: AllSettings): readonly BadgeSite[] {
  return to.badgeSites.filter(({ siteId }) => from.badgeSites.every((site) => site.siteId !== siteId));
}

function valueWords(settings: AllSettings, key: SettingKey): string {
  switch (key) {
    case 'framesAsked': {
      const frames = settings.framesAsked;
      return frames === null ? t('settingsFile.all') : formatNumber(frames);
    }
    case 'historyDays':
      return settings.historyDays === null ? t('history.storage.never') : formatNumber(settings.historyDays);
    case 'modelId':
      return settings.modelId ?? t('settingsFile.latest');
    case 'falseAlarmsOf100': {
      const { falseAlarmsOf100 } = settings;
      return falseAlarmsOf100 === null ? t('settingsFile.published') : formatNumber(falseAlarmsOf100);
    }
    case 'budget':
      return t(`settingsFile.budget.${settings.budget}`);
    case 'badgeSites':
      return settings.badgeSites.length === 0 ? t('settingsFile.none') : namesOf(settings.badgeSites);
    case 'keepFacePictures':
    case 'keepCrops':
    case 'isPausedEverywhere':
    case 'onlyPluggedIn':
    case 'notOnMetered':
    case 'showsInFullScreen':
      return t(settings[key] ? 'settingsFile.yes' : 'settingsFile.no');
    default:
      return key satisfies never;
  }
}

function namesOf(sites: readonly BadgeSite[]): string {
  return formatList(sites.map(({ name }) => name));
}

function problemSentence(problem: SettingsProblem): string {
  switch (problem.code) {
    case 'too-large':
      return t('settingsFile.problem.tooLarge');
    case 'not-json':
      return t('settingsFile.problem.notJson');
    case 'invalid':
      return t('settingsFile.problem.invalid', { key: problem.key });
    case 'foreign':
    case 'newer':
    case 'older':
      return t(`settingsFile.problem.${problem.code}`);
    default:
      return problem satisfies never;
  }
}

function save(settings: AllSettings): void {
  const url = URL.createObjectURL(new Blob([settingsFile(settings)], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'trueframe-settings.json';
  link.click();
  // The download reads the bytes when the click's task is done; afterwards nothing uses the address.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
