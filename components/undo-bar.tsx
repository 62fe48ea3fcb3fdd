import { useLayoutEffect, useRef } from 'preact/hooks';
import { CrossSign } from './cross-sign.tsx';
import { t } from './texts.tsx';

export type UndoBarProps = {
  /** The last action: "Deleted “Interview”". */
  readonly message: string;
  readonly onUndo: () => void;
  readonly onDismiss: () => void;
};

/** Offers to undo the last action. It stays until the user uses it, without a time limit. */
export function UndoBar({ message, onUndo, onDismiss }: UndoBarProps) {
  const undo = useRef<HTMLButtonElement>(null);
  // The pressed button has disappeared with its row, so the keyboard's focus moves here.
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
