import { useLayoutEffect, useRef } from 'preact/hooks';
import { CrossSign } from './cross-sign.tsx';
import { t } from './texts.tsx';

export type UndoBarProps = {
  /** What was done: "Deleted “Interview”". */
  readonly message: string;
  readonly onUndo: () => void;
  readonly onDismiss: () => void;
};

/** Offers to take back what was just done. It stays until it is used, so that the user need not hurry. */
export function UndoBar({ message, onUndo, onDismiss }: UndoBarProps) {
  const undo = useRef<HTMLButtonElement>(null);
  // The button that was pressed has gone with what it deleted: the keyboard goes on here.
  useLayoutEffect(() => {
    if (document.activeElement === document.body) undo.current?.focus();
  }, [message]);
  return (
    <div class="undo-bar" role="status">
      <span class="one-line">{message}</span>
      <button type="button" ref={undo} onClick={onUndo}>
        {t('action.undo')}
      </button>
      <button type="button" class="sign" aria-label={t('action.dismiss')} onClick={onDismiss}>
        <CrossSign />
      </button>
    </div>
  );
}
