import { useLayoutEffect, useRef } from 'preact/hooks';

type UndoBarProps = {
  /** What was done: "Deleted “Interview”". */
  readonly message: string;
  readonly onUndo: () => void;
  readonly onDismiss: () => void;
};

/** Offers to take back what was just done. It stays until it is used: nobody must hurry. */
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
        Undo
      </button>
      <button type="button" class="sign" aria-label="Dismiss" onClick={onDismiss}>
        <CrossSign />
      </button>
    </div>
  );
}

/** The sign of buttons that close or delete; the button carries the name. */
export function CrossSign() {
  return (
    <svg
      viewBox="0 0 16 16"
      width="16"
      height="16"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
    >
      <path d="M4 4l8 8M12 4l-8 8" />
    </svg>
  );
}
