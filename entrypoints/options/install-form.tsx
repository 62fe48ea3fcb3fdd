import { useRef, useState } from 'preact/hooks';
import type { WeightDtype } from '../../models/genconvit/conversion-options.ts';

/** What can be chosen, with what it means; int4 is no use to ED and left to the command line. */
const DTYPES: readonly { readonly dtype: WeightDtype; readonly meaning: string }[] = [
  { dtype: 'fp16', meaning: 'Half the size. Right for nearly everyone.' },
  { dtype: 'fp32', meaning: 'The published weights, unchanged.' },
  { dtype: 'int8', meaning: 'Smaller still, and faster without a graphics card. Scores move a little.' },
];

type InstallFormProps = {
  readonly dtype: WeightDtype;
  readonly onDtype: (dtype: WeightDtype) => void;
  readonly onFile: (file: File) => void;
};

/** Takes a checkpoint from a button or a drop. */
export function InstallForm({ dtype, onDtype, onFile }: InstallFormProps) {
  const input = useRef<HTMLInputElement>(null);
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
        const file = event.dataTransfer?.files[0];
        if (file !== undefined) onFile(file);
      }}
    >
      <div class="bar">
        <button type="button" class="primary" onClick={() => input.current?.click()}>
          Open a .pth file
        </button>
        <span class="quiet">or drop it here</span>
        <input
          ref={input}
          type="file"
          hidden
          accept=".pth,.pt,.bin,.ckpt"
          aria-label="Checkpoint file"
          onChange={({ currentTarget }) => {
            const file = currentTarget.files?.[0];
            // The same file can be chosen again after it has been repaired.
            currentTarget.value = '';
            if (file !== undefined) onFile(file);
          }}
        />
      </div>
      <fieldset class="stack">
        <legend class="small quiet">Keep the weights as</legend>
        {DTYPES.map((choice) => (
          <label key={choice.dtype} class="choice">
            <input
              type="radio"
              name="dtype"
              checked={dtype === choice.dtype}
              onChange={() => onDtype(choice.dtype)}
            />
            <span>
              <span class="choice-name">{choice.dtype}</span> <span class="quiet">{choice.meaning}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <p class="small quiet">
        The published GenConViT weights are CC BY-NC 4.0: not for commercial use. The file is only read;
        nothing in it is run.
      </p>
    </div>
  );
}
