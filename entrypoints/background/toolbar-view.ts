import { scoreOf100, TONE_COLOURS, wordsOfState } from '../../components/report/verdict-words.ts';
import { formatNumber, t } from '../../components/texts.tsx';
import type { Scan } from '../../utils/domain/scan.ts';
import type { ToolbarMark } from './toolbar-icon.ts';

/** The toolbar button of one tab. */
export type ToolbarView = {
  /** At most four characters, the room that a badge has; empty for no badge. */
  readonly badgeText: string;
  /** Under white text. */
  readonly badgeColour: string;
  /** Read by screen readers and shown on hover: the verdict in words. */
  readonly title: string;
  readonly mark: ToolbarMark;
};

/** What the button shows for a tab's latest scan; null where the tab has none. */
export function toolbarViewOf(scan: Scan | null): ToolbarView {
  if (scan === null) return quiet(t('extension.name'), { kind: 'shape', shape: 'none' });
  const { state } = scan;
  const { shape, tone, title } = wordsOfState(state);
  switch (state.kind) {
    case 'waiting':
    case 'loading-model':
      return quiet(t('toolbar.title', { title }), { kind: 'shape', shape });
    case 'running':
      return quiet(t('toolbar.title', { title }), {
        kind: 'working',
        fraction: Math.min(1, state.framesLooked / Math.max(1, state.framesAsked)),
      });
    case 'cancelled':
      return quiet(t('toolbar.title', { title }), { kind: 'shape', shape: 'none' });
    case 'failed':
      return {
        badgeText: '–',
        badgeColour: TONE_COLOURS[tone].light,
        title: t('toolbar.title', { title }),
        mark: { kind: 'shape', shape },
      };
    case 'finished': {
      const { verdict, used } = state.report;
      const isDemo = used.model?.isDemo ?? false;
      const score = verdict.kind === 'refused' ? null : scoreOf100(verdict.score);
      return {
        // A stand-in's number would be read as one.
        badgeText: isDemo ? t('demo.mark') : score === null ? '–' : formatNumber(score),
        badgeColour: TONE_COLOURS[tone].light,
        title:
          score === null || isDemo
            ? t('toolbar.title', { title })
            : t('toolbar.titleWithScore', { title, score }),
        mark: { kind: 'shape', shape },
      };
    }
  }
}

/** A check that could not start. */
export function toolbarProblem(message: string): ToolbarView {
  return {
    badgeText: '–',
    badgeColour: TONE_COLOURS.neutral.light,
    title: t('toolbar.title', { title: message }),
    mark: { kind: 'shape', shape: 'dash' },
  };
}

function quiet(title: string, mark: ToolbarMark): ToolbarView {
  return { badgeText: '', badgeColour: TONE_COLOURS.neutral.light, title, mark };
}
