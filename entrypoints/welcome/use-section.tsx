import { useEffect, useState } from 'preact/hooks';
import { browser } from 'wxt/browser';
import { formatBytes } from '../../components/format.ts';
import { modelName } from '../../components/install/model-label.ts';
import { selfTestSentence } from '../../components/install/self-test-words.ts';
import { t, tRich } from '../../components/texts.tsx';
import type { InstalledModel } from '../../utils/domain/model.ts';

/** The manifest's name of the keyboard command. */
const CHECK_COMMAND = 'check-video';

/** Tells how to check a video. @param judging the networks that a check uses */
export function UseSection({ judging }: { readonly judging: readonly InstalledModel[] }) {
  const shortcut = useShortcut();
  return (
    <section class="stack" aria-labelledby="use">
      <h2 id="use">{t('welcome.use.title')}</h2>
      <ol class="steps">
        <li>
          {shortcut === ''
            ? t('welcome.use.rightClick')
            : tRich('welcome.use.rightClickOrPress', { keys: () => <kbd>{shortcut}</kbd> })}
        </li>
        <li>{t('welcome.use.letItPlay')}</li>
        <li>{t('welcome.use.keepInSight')}</li>
      </ol>
      {judging.map((model) => (
        <p key={model.modelId}>
          <span class={model.isDemo ? 'tone-demo' : ''}>
            {t('install.doneWithSize', { network: modelName(model), size: formatBytes(model.byteLength) })}
          </span>{' '}
          {model.isDemo ? t('demo.title') : model.selfTest === null ? null : selfTestSentence(model.selfTest)}
        </p>
      ))}
      <p>
        <button type="button" onClick={() => void browser.runtime.openOptionsPage()}>
          {t('welcome.use.settings')}
        </button>
      </p>
    </section>
  );
}

/** The keys of the keyboard command in this browser; empty if it has none. */
function useShortcut(): string {
  const [shortcut, setShortcut] = useState('');
  useEffect(() => {
    void browser.commands
      .getAll()
      .then((all) => setShortcut(all.find(({ name }) => name === CHECK_COMMAND)?.shortcut ?? ''));
  }, []);
  return shortcut;
}
