import { render } from 'preact';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { nameDocument, t } from '../../components/texts.tsx';
import { COMMAND_FRAGMENT } from '../../models/evaluation/commanded-run.ts';
import { countRun } from '../../models/evaluation/evaluation-run.ts';
import { forgetRun, keepRun, readRun } from '../../utils/browser/evaluation-db.ts';
import type { StoredRun } from '../../utils/browser/evaluation-db.ts';
import { beginRun } from './begin-run.ts';
import { ChooseStep, FolderDrop } from './choose-step.tsx';
import { serveCommand } from './command-mode.ts';
import { gatherFromFolder } from './gather-files.ts';
import type { Gathered } from './gather-files.ts';
import { ResultsStep } from './results-step.tsx';
import { createRunStore, resultsOf } from './run-store.ts';
import type { RunStore } from './run-store.ts';
import { RunStep } from './run-step.tsx';
import { useChoice } from './use-choice.ts';
import { describeMachine, useNetworks, usualSettings } from './use-networks.ts';
import type { ChosenSettings } from './use-networks.ts';

/** Three steps on one page: choose, run, results. */
export function EvaluatePage({
  store,
  isCommanded,
}: {
  readonly store: RunStore;
  readonly isCommanded: boolean;
}) {
  const run = useRun(store);
  const [current, setCurrent] = useState<StoredRun | null>(null);
  const [step, setStep] = useState<'choose' | 'run' | 'results'>(isCommanded ? 'run' : 'choose');
  const [areResultsShown, setResultsShown] = useState(false);
  useEffect(() => {
    if (run.status === 'finished') setStep('results');
  }, [run.status]);

  async function begin(next: StoredRun, gathered: Gathered): Promise<void> {
    setCurrent(next);
    setStep('run');
    await beginRun(store, next, gathered);
  }

  async function judgeAgain(which: 'failed' | 'all'): Promise<void> {
    // What is judged again must not be taken for judged after a restart.
    if (which === 'all' && current !== null) await keepRun(current, []);
    store.again(which);
    await store.start();
  }

  const hasRun = run.videos.length > 0;
  const { all, done, failed } = countRun(run);
  // Each action ends or resets one video, so that these tell whether the results are others.
  const results = useMemo(() => resultsOf(run, current?.leftOut ?? []), [run.videos, current, done, failed]);
  return (
    <main class="column">
      <header class="stack">
        <h1>{t('evaluate.title')}</h1>
        <p class="quiet">{t('evaluate.intro')}</p>
      </header>
      {/* A screen reader is told where a run has stopped, and not of each video. */}
      <p role="status" class="hidden-text">
        {hasRun && run.status !== 'running' ? t('evaluate.run.counts', { done: done + failed, all }) : null}
      </p>
      {isCommanded ? null : (
        <Step title={t('evaluate.choose.title')} isOpen={step === 'choose'}>
          {hasRun ? null : <UnfinishedRun onContinue={(next, gathered) => void begin(next, gathered)} />}
          <Choosing
            isBusy={run.status === 'running' || run.status === 'paused'}
            onStart={(next, gathered) => void begin(next, gathered)}
          />
        </Step>
      )}
      {hasRun ? (
        <Step title={t('evaluate.run.title')} isOpen={step === 'run'}>
          <RunStep
            run={run}
            sitting={store.sitting()}
            onPause={store.pause}
            onContinue={() => void store.start()}
            onCancel={store.cancel}
          />
        </Step>
      ) : null}
      {done + failed > 0 && !isCommanded ? (
        <Step title={t('evaluate.results.title')} isOpen={step === 'results'} onToggle={setResultsShown}>
          <ResultsStep
            results={results}
            title={current?.title ?? ''}
            isRunning={run.status === 'running'}
            isShown={areResultsShown}
            onAgain={(which) => {
              setStep('run');
              void judgeAgain(which);
            }}
          />
        </Step>
      ) : null}
    </main>
  );
}

/** Folds when it is done; the user may open it again. */
function Step({
  title,
  isOpen,
  onToggle,
  children,
}: {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onToggle?: (isOpen: boolean) => void;
  readonly children: ComponentChildren;
}) {
  return (
    <section>
      <details class="step" open={isOpen} onToggle={({ currentTarget }) => onToggle?.(currentTarget.open)}>
        <summary>
          <h2>{title}</h2>
        </summary>
        <div class="stack">{children}</div>
      </details>
    </section>
  );
}

function useRun(store: RunStore) {
  const [run, setRun] = useState(store.get());
  useEffect(() => store.listen(setRun), [store]);
  return run;
}

type ChoosingProps = {
  readonly isBusy: boolean;
  readonly onStart: (run: StoredRun, gathered: Gathered) => void;
};

function Choosing({ isBusy, onStart }: ChoosingProps) {
  const networks = useNetworks();
  const [changed, setChanged] = useState<ChosenSettings | null>(null);
  const [gathered, setGathered] = useState<Gathered | null>(null);
  const { choice, setKind, setList } = useChoice(gathered);
  if (networks === null) return null;
  const [first] = networks;
  const settings = changed ?? (first === undefined ? NO_NETWORK : usualSettings(first));
  return (
    <ChooseStep
      gathered={gathered}
      choice={choice}
      networks={networks}
      settings={settings}
      maxJobs={describeMachine().cores}
      isBusy={isBusy}
      setKind={setKind}
      setList={setList}
      onGathered={setGathered}
      onSettings={setChanged}
      onStart={({ gathered: files, kind, plan: { videos, leftOut } }) => {
        const { network, ...rest } = settings;
        const modelIds = networks.find(({ id }) => id === network)!.models.map(({ modelId }) => modelId);
        onStart(
          {
            kind,
            title: files.title,
            videos,
            leftOut,
            folder: files.folder,
            settings: { ...rest, modelIds, device: null },
          },
          files,
        );
      }}
    />
  );
}

const NO_NETWORK: ChosenSettings = { network: '', framesAsked: 15, sampling: 'linspace', jobs: 1 };

/** A run that an earlier document has begun, or nothing. */
function UnfinishedRun({
  onContinue,
}: {
  readonly onContinue: (run: StoredRun, gathered: Gathered) => void;
}) {
  const [stored, setStored] = useState<Awaited<ReturnType<typeof readRun>>>(null);
  const [needsFolder, setNeedsFolder] = useState(false);
  useEffect(() => void readRun().then(setStored), []);
  if (stored === null || stored.evaluated.length >= stored.run.videos.length) return null;
  const { run, evaluated } = stored;

  /** In the click: the browser asks again whether the folder may be read. */
  async function openFolder(): Promise<void> {
    const folder = run.folder as PermittedFolder | null;
    const mayRead = folder !== null && (await folder.requestPermission({ mode: 'read' })) === 'granted';
    if (mayRead) onContinue(run, await gatherFromFolder(folder));
    else setNeedsFolder(true);
  }

  return (
    <div class="card stack">
      <p>{t('evaluate.resume.text', { title: run.title, done: evaluated.length, all: run.videos.length })}</p>
      {needsFolder ? (
        <>
          <p>{t('evaluate.resume.chooseAgain', { title: run.title })}</p>
          <FolderDrop onGathered={(gathered) => onContinue(run, gathered)} />
        </>
      ) : null}
      <div class="bar">
        {needsFolder ? null : (
          <button type="button" class="primary" onClick={() => void openFolder()}>
            {t('evaluate.resume.continue')}
          </button>
        )}
        <button type="button" onClick={() => void forgetRun().then(() => setStored(null))}>
          {t('evaluate.resume.discard')}
        </button>
      </div>
    </div>
  );
}

/** https://wicg.github.io/file-system-access/#api-filesystemhandle-requestpermission, which TypeScript does not know. */
type PermittedFolder = FileSystemDirectoryHandle & {
  readonly requestPermission: (descriptor: { readonly mode: 'read' }) => Promise<PermissionState>;
};

const isCommanded = location.hash === COMMAND_FRAGMENT;
const store = createRunStore();
nameDocument('evaluate.pageTitle');
render(<EvaluatePage store={store} isCommanded={isCommanded} />, document.body);
if (isCommanded) serveCommand(store);
