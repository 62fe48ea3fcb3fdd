import { useState } from 'preact/hooks';
import type { UndoBarProps } from './undo-bar.tsx';

/** The last action of a page that can be taken back. */
export function useUndo(): {
  /** null where there is nothing to take back. */
  readonly undoBar: UndoBarProps | null;
  /** @param undo takes the action back */
  readonly offer: (message: string, undo: () => unknown) => void;
} {
  const [done, setDone] = useState<{ readonly message: string; readonly undo: () => unknown } | null>(null);
  return {
    undoBar: done && {
      message: done.message,
      onUndo: () => {
        setDone(null);
        done.undo();
      },
      onDismiss: () => setDone(null),
    },
    offer: (message, undo) => setDone({ message, undo }),
  };
}
