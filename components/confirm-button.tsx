import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { t } from './texts.tsx';

type ConfirmButtonProps = {
  readonly label: string;
  /** "Delete all 24 checks?" */
  readonly question: string;
  readonly confirmLabel: string;
  readonly onConfirm: () => void;
  readonly disabled?: boolean;
  readonly class?: string;
};

/** A button that asks for a confirmation, in its own place, before it changes many things at once. */
export function ConfirmButton({
  label,
  question,
  confirmLabel,
  onConfirm,
  disabled = false,
  ...rest
}: ConfirmButtonProps) {
  const [isAsking, setAsking] = useState(false);
  const ask = useRef<HTMLButtonElement>(null);
  const keep = useRef<HTMLButtonElement>(null);
  const hasAsked = useRef(false);
  // The keyboard's focus moves to the harmless answer, and afterwards back to the button.
  useLayoutEffect(() => {
    if (isAsking) keep.current?.focus();
    else if (hasAsked.current) ask.current?.focus();
    hasAsked.current = isAsking;
  }, [isAsking]);

  if (!isAsking) {
    return (
      <button
        type="button"
        ref={ask}
        class={rest.class ?? ''}
        disabled={disabled}
        onClick={() => setAsking(true)}
      >
        {label}
      </button>
    );
  }
  return (
    <span
      class="bar"
      role="group"
      aria-label={question}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        // Without this, Escape would close the popup as well.
        event.preventDefault();
        setAsking(false);
      }}
    >
      <span>{question}</span>
      {/* Together in one line, under the question where they don't fit beside it. */}
      <span class="bar">
        <button
          type="button"
          onClick={() => {
            setAsking(false);
            onConfirm();
          }}
        >
          {confirmLabel}
        </button>
        <button type="button" ref={keep} onClick={() => setAsking(false)}>
          {t('action.keep')}
        </button>
      </span>
    </span>
  );
}
