import { t } from '../texts.tsx';
import { mediaTimeText, scoreOf100 } from './verdict-words.ts';
import type { FrameScore } from '../../utils/domain/report.ts';

/** The chart's numbers as text. */
export function ScoreTable({ scores }: { readonly scores: readonly FrameScore[] }) {
  const inOrder = scores.toSorted((a, b) => a.frameIndex - b.frameIndex || a.personId - b.personId);
  return (
    <details>
      <summary>{t('report.scoresTable')}</summary>
      <table class="small">
        <thead>
          <tr>
            <th scope="col">{t('report.column.frame')}</th>
            <th scope="col">{t('report.column.time')}</th>
            <th scope="col">{t('report.column.person')}</th>
            <th scope="col" class="number">
              {t('report.column.score')}
            </th>
          </tr>
        </thead>
        <tbody>
          {inOrder.map(({ frameIndex, personId, mediaTimeSeconds, score }) => (
            <tr key={`${String(frameIndex)}/${String(personId)}`}>
              <td class="number-cell">{frameIndex + 1}</td>
              <td class="number-cell">{mediaTimeText(mediaTimeSeconds)}</td>
              <td class="number-cell">{personId}</td>
              <td class="number">{scoreOf100(score)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
