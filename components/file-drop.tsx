import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';

/** One button that opens files. */
export type FileButton = {
  readonly label: string;
  /** Name of the hidden field behind the button, for screen readers. */
  readonly fieldLabel: string;
  readonly isPrimary?: boolean;
  /** File types; null for a whole folder. */
  readonly accept: string | null;
  readonly isMultiple?: boolean;
  /** Opens the browser's own dialogue in place of the field's. */
  readonly onOpen?: () => void;
  /** At least one file; of a folder all files, those of folders within it too. */
  readonly onFiles: (files: readonly [File, ...File[]]) => void;
};

type FileDropProps = {
  readonly buttons: readonly FileButton[];
  /** Text beside the buttons. */
  readonly hint: string;
  /** Called in the event itself: afterwards the browser has emptied the data. */
  readonly onDrop: (data: DataTransfer) => void;
  readonly children?: ComponentChildren;
};

/** Takes files from buttons or from a drop. */
export function FileDrop({ buttons, hint, onDrop, children }: FileDropProps) {
  const [isOver, setOver] = useState(false);
  return (
    <div
      class={`card drop-target stack ${isOver ? 'is-over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (event.dataTransfer !== null) onDrop(event.dataTransfer);
      }}
    >
      <div class="bar">
        {buttons.map((button) => (
          <OpenButton key={button.label} {...button} />
        ))}
        <span class="quiet">{hint}</span>
      </div>
      {children}
    </div>
  );
}

function OpenButton({
  label,
  fieldLabel,
  isPrimary = false,
  accept,
  isMultiple = false,
  onOpen,
  onFiles,
}: FileButton) {
  const field = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        class={isPrimary ? 'primary' : ''}
        onClick={onOpen ?? (() => field.current?.click())}
      >
        {label}
      </button>
      <input
        ref={(input) => {
          field.current = input;
          if (input !== null) input.webkitdirectory = accept === null;
        }}
        type="file"
        hidden
        multiple={isMultiple}
        {...(accept !== null && { accept })}
        aria-label={fieldLabel}
        onChange={({ currentTarget }) => {
          const [first, ...others] = currentTarget.files ?? [];
          // The user can choose the same file again, such as one that was repaired.
          currentTarget.value = '';
          if (first !== undefined) onFiles([first, ...others]);
        }}
      />
    </>
  );
}
