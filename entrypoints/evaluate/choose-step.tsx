import type { ComponentChildren } from 'preact';
import { FileDrop } from '../../components/file-drop.tsx';
import { camelCase, formatList, t } from '../../components/texts.tsx';
import type { DatasetProblem } from '../../models/evaluation/dataset-layouts.ts';
import { DATASET_KINDS, SAMPLINGS } from '../../utils/domain/evaluation.ts';
import { MAX_FRAMES } from '../../utils/domain/settings.ts';
import { gatherFromDrop, gatherFromField, gatherFromFolder } from './gather-files.ts';
import type { Gathered } from './gather-files.ts';
import type { Choice, useChoice } from './use-choice.ts';
import { usualSettings } from './use-networks.ts';
import type { ChosenSettings, NetworkChoice } from './use-networks.ts';

type ChooseStepProps = Pick<ReturnType<typeof useChoice>, 'setKind' | 'setList'> & {
  readonly gathered: Gathered | null;
  /** null while the folder is read. */
  readonly choice: Choice | null;
  readonly networks: readonly NetworkChoice[];
  readonly settings: ChosenSettings;
  readonly maxJobs: number;
  /** A run is under way: another one begins after it. */
  readonly isBusy: boolean;
  readonly onGathered: (gathered: Gathered) => void;
  readonly onSettings: (settings: ChosenSettings) => void;
  readonly onStart: (choice: Choice) => void;
};

/** The first step: videos, what they are, and how they are judged. */
export function ChooseStep(props: ChooseStepProps) {
  const { gathered, choice, onGathered, onStart } = props;
  const count = choice?.plan.videos.length ?? 0;
  return (
    <>
      {props.networks.length === 0 ? (
        <p class="bar">
          {t('evaluate.networkMissing')}
          <a class="button primary" href="/welcome.html">
            {t('action.setUp')}
          </a>
        </p>
      ) : null}
      <FolderDrop onGathered={onGathered} />
      {gathered !== null && choice === null ? <p role="status">{t('evaluate.choose.reading')}</p> : null}
      {choice === null ? null : (
        <>
          <p role="status" dir="auto">
            {count === 0
              ? t('evaluate.choose.nothing', { title: choice.gathered.title })
              : t('evaluate.choose.found', count, { title: choice.gathered.title, count })}
          </p>
          <Settings {...props} choice={choice} />
          <Problems choice={choice} />
          {count === 0 ? null : (
            <div class="bar">
              <button
                type="button"
                class="primary"
                disabled={props.isBusy || props.networks.length === 0}
                onClick={() => onStart(choice)}
              >
                {t('evaluate.choose.start', count, { count })}
              </button>
            </div>
          )}
        </>
      )}
    </>
  );
}

/** Takes a folder, or several files. Also for the same folder a second time. */
export function FolderDrop({ onGathered }: Pick<ChooseStepProps, 'onGathered'>) {
  return (
    <FileDrop
      buttons={[
        {
          label: t('evaluate.choose.openFolder'),
          fieldLabel: t('evaluate.choose.folder'),
          isPrimary: true,
          accept: null,
          // Only Chromium has it. A folder that was opened so can be opened again after a restart.
          ...('showDirectoryPicker' in window && {
            onOpen: () => void pickFolder().then((one) => one && onGathered(one)),
          }),
          onFiles: (files) => onGathered(gatherFromField(files)),
        },
        {
          label: t('evaluate.choose.openFiles'),
          fieldLabel: t('evaluate.choose.files'),
          accept: 'video/*',
          isMultiple: true,
          onFiles: (files) => onGathered(gatherFromField(files)),
        },
      ]}
      hint={t('evaluate.choose.orDrop')}
      onDrop={(data) => void gatherFromDrop(data).then(onGathered)}
    />
  );
}

/** https://wicg.github.io/file-system-access/#api-showdirectorypicker, which TypeScript does not know. */
type PickingWindow = Window & { readonly showDirectoryPicker: () => Promise<FileSystemDirectoryHandle> };

/** null where the user has closed the browser's dialogue. */
async function pickFolder(): Promise<Gathered | null> {
  try {
    return await gatherFromFolder(await (window as unknown as PickingWindow).showDirectoryPicker());
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null;
    throw error;
  }
}

function Settings({
  choice,
  networks,
  settings,
  maxJobs,
  setKind,
  setList,
  onSettings,
}: ChooseStepProps & { readonly choice: Choice }) {
  return (
    <div class="choices">
      <Row id="dataset" label={t('evaluate.choose.dataset')}>
        <Select
          id="dataset"
          value={choice.kind}
          options={DATASET_KINDS.map((kind) => [kind, t(`evaluate.dataset.${kind}`)])}
          onChange={setKind}
        />
      </Row>
      {choice.isRecognized ? (
        <p class="small quiet whole-row">{t(`evaluate.recognized.${choice.kind}`)}</p>
      ) : null}
      {choice.lists.length === 1 ? null : (
        <Row id="list" label={t('evaluate.choose.videos')}>
          <Select
            id="list"
            value={choice.list}
            options={choice.lists.map((list) => [list, t(`evaluate.list.${list}`)])}
            onChange={setList}
          />
        </Row>
      )}
      <Row id="network" label={t('evaluate.choose.network')}>
        <Select
          id="network"
          value={settings.network}
          options={networks.map(({ id, title }) => [id, title])}
          onChange={(id) => {
            const { network, jobs } = usualSettings(networks.find((each) => each.id === id)!);
            onSettings({ ...settings, network, jobs });
          }}
        />
      </Row>
      <Row id="frames" label={t('evaluate.choose.frames')}>
        <Select
          id="frames"
          value={settings.framesAsked === null ? 'all' : String(settings.framesAsked)}
          options={[
            ...FRAME_COUNTS.map((count) => [String(count), String(count)] as const),
            ['all', t('evaluate.choose.allFrames')],
          ]}
          onChange={(value) =>
            onSettings({ ...settings, framesAsked: value === 'all' ? null : Number(value) })
          }
        />
      </Row>
      <Row id="sampling" label={t('evaluate.choose.sampling')}>
        <Select
          id="sampling"
          value={settings.sampling}
          options={SAMPLINGS.map((sampling) => [sampling, t(`evaluate.sampling.${sampling}`)])}
          onChange={(sampling) => onSettings({ ...settings, sampling })}
        />
      </Row>
      <Row id="jobs" label={t('evaluate.choose.jobs')}>
        <input
          id="jobs"
          type="number"
          min={1}
          max={maxJobs}
          value={settings.jobs}
          onChange={({ currentTarget }) => {
            const jobs = Math.round(Math.min(maxJobs, Math.max(1, currentTarget.valueAsNumber || 1)));
            currentTarget.value = String(jobs);
            onSettings({ ...settings, jobs });
          }}
        />
      </Row>
    </div>
  );
}

/** The reference's number, fewer for a quick look, and the most that a check may have. */
const FRAME_COUNTS = [4, 8, 15, 30, MAX_FRAMES] as const;

function Row({
  id,
  label,
  children,
}: {
  readonly id: string;
  readonly label: string;
  readonly children: ComponentChildren;
}) {
  return (
    <>
      <label for={id}>{label}</label>
      <div>{children}</div>
    </>
  );
}

type SelectProps<Value extends string> = {
  readonly id: string;
  readonly value: Value;
  readonly options: readonly (readonly [value: Value, label: string])[];
  readonly onChange: (value: Value) => void;
};

function Select<Value extends string>({ id, value, options, onChange }: SelectProps<Value>) {
  return (
    <select
      id={id}
      value={value}
      onChange={({ currentTarget }) => onChange(options[currentTarget.selectedIndex]![0])}
    >
      {options.map(([each, label]) => (
        <option key={each} value={each}>
          {label}
        </option>
      ))}
    </select>
  );
}

function Problems({ choice: { plan, gathered } }: { readonly choice: Choice }) {
  const { closedFolders } = gathered;
  if (plan.problems.length === 0 && closedFolders.length === 0) return null;
  return (
    <ul class="stack small tone-not-sure" dir="auto">
      {closedFolders.length === 0 ? null : (
        <li>{t('evaluate.problem.closedFolders', { examples: formatList(closedFolders) })}</li>
      )}
      {plan.problems.map((problem) => (
        <li key={problem.code}>{problemText(problem)}</li>
      ))}
    </ul>
  );
}

function problemText({ code, count, examples }: DatasetProblem): string {
  const names = formatList(examples);
  switch (code) {
    case 'missing':
    case 'unreadable':
      return t(`evaluate.problem.${code}`, { examples: names });
    case 'listed-absent':
    case 'unlisted':
    case 'label-unknown':
    case 'labelled-absent':
      return t(`evaluate.problem.${camelCase(code)}`, { count, examples: names });
    default:
      return code satisfies never;
  }
}
