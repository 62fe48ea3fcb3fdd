import { browser } from 'wxt/browser';
import { LIMITS_SENTENCE } from '../../components/report/verdict-words.ts';
import { MEASURED_SETS } from './measured-sets.ts';

/** What TrueFrame can and cannot do, and what it is. */
export function AboutSection() {
  return (
    <section class="stack" aria-labelledby="about">
      <h2 id="about">What it can and can’t do</h2>
      <p>{LIMITS_SENTENCE}</p>
      <p>
        A score is not a probability. Footage that was compressed, cut or filmed off a screen often looks
        manipulated to the network, and a careful manipulation may not. Between 30 and 70 of 100 TrueFrame
        says “Not sure”.
      </p>
      <table class="small">
        <caption>
          Both GenConViT networks together, computed from their authors’ own result files. Weights of one
          network alone, and other footage, give other numbers.
        </caption>
        <thead>
          <tr>
            <th scope="col">Test set</th>
            <th scope="col" class="number">
              Videos, real and fake
            </th>
            <th scope="col" class="number">
              Judged rightly, cut at 50
            </th>
            <th scope="col" class="number">
              Real videos that score 70 or more
            </th>
          </tr>
        </thead>
        <tbody>
          {MEASURED_SETS.map(({ name, realVideos, fakeVideos, rightOf100, falseAlarmsOf100 }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="number">
                {realVideos} and {fakeVideos}
              </td>
              <td class="number">{rightOf100.toFixed(1)} of 100</td>
              <td class="number">{falseAlarmsOf100} of 100</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>
        On footage from social media (Deepfake-Eval-2024) it is much weaker: given one real and one fake
        video, it scores the fake one higher in 63 to 68 of 100 cases.
      </p>
      <p>
        Nothing leaves this computer: frames, faces and results stay in the browser, and TrueFrame has no
        server. Where a video’s file may be read, it is asked for once more from where the page has it.
      </p>
      <p class="small quiet">
        TrueFrame {browser.runtime.getManifest().version}, GPL-3.0-or-later. GenConViT is the work of Deressa
        Wodajo Deressa and others (arXiv 2307.07036).
      </p>
    </section>
  );
}
