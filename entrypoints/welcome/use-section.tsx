import { useEffect, useState } from 'preact/hooks';
import { browser } from 'wxt/browser';
import { formatBytes } from '../../components/format.ts';
import { modelName } from '../../components/install/model-label.ts';
import { selfTestSentence } from '../../components/install/self-test-words.ts';
import { DEMO_TITLE } from '../../components/report/verdict-words.ts';
import type { InstalledModel } from '../../utils/domain/model.ts';

/** The manifest's name of the keyboard command. */
const CHECK_COMMAND = 'check-video';

/** How to check a video, once there is something that judges. @param judging what a check uses */
export function UseSection({ judging }: { readonly judging: readonly InstalledModel[] }) {
  const shortcut = useShortcut();
  return (
    <section class="stack" aria-labelledby="use">
      <h2 id="use">Check a video</h2>
      <ol class="steps">
        <li>
          Right-click a video and choose “Check this video”
          {shortcut === '' ? null : (
            <>
              , or press <kbd>{shortcut}</kbd>
            </>
          )}
          .
        </li>
        <li>Let it play. A small sign in its corner counts the frames, then says what was found.</li>
        <li>
          Keep TrueFrame in sight: press the puzzle piece beside the address bar, then the pin beside
          TrueFrame. Its button lists the videos of a page and your earlier checks.
        </li>
      </ol>
      {judging.map((model) => (
        <p key={model.modelId}>
          <span class={model.isDemo ? 'tone-demo' : ''}>
            {modelName(model)} is installed, {formatBytes(model.byteLength)}.
          </span>{' '}
          {model.isDemo ? DEMO_TITLE : model.selfTest === null ? null : selfTestSentence(model.selfTest)}
        </p>
      ))}
      <p>
        <button type="button" onClick={() => void browser.runtime.openOptionsPage()}>
          Networks and settings
        </button>
      </p>
    </section>
  );
}

/** The keyboard command's keys as this browser has them; empty where it has none. */
function useShortcut(): string {
  const [shortcut, setShortcut] = useState('');
  useEffect(() => {
    void browser.commands
      .getAll()
      .then((all) => setShortcut(all.find(({ name }) => name === CHECK_COMMAND)?.shortcut ?? ''));
  }, []);
  return shortcut;
}
