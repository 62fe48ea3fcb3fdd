import { useRef, useState } from 'preact/hooks';
import type { WeightDtype } from '../../utils/domain/model.ts';
import { readChosenFolder, readDropped } from './dropped-files.ts';
import type { ChosenFiles } from './dropped-files.ts';
import { Choice } from './form-choice.tsx';
import { DTYPE_MEANINGS } from './install-words.ts';

/** null: which form suits depends on the network, and which network a file holds shows when it is opened. */
const FORMS = [null, 'fp16', 'fp32', 'int8', 'int4'] as const;

type DiskFormProps = {
  /** For a form that not every network can have: the names of those that can. */
  readonly onlyFor: Readonly<Partial<Record<WeightDtype, string>>>;
  readonly onFile: (file: File, dtype: WeightDtype | null) => void;
  readonly onFolder: (files: readonly File[]) => void;
};

/** Takes a checkpoint or the folder of a converted network, from a button or a drop. */
export function DiskForm({ onlyFor, onFile, onFolder }: DiskFormProps) {
  const [dtype, setDtype] = useState<WeightDtype | null>(null);
  const [isOver, setOver] = useState(false);
  const fileInput = useRef<HTMLInputElement>(null);
  const folderInput = useRef<HTMLInputElement>(null);

  function take(chosen: ChosenFiles): void {
    if (chosen.kind === 'checkpoint-file') onFile(chosen.file, dtype);
    if (chosen.kind === 'model-folder') onFolder(chosen.files);
  }

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
        if (event.dataTransfer !== null) void readDropped(event.dataTransfer).then(take);
      }}
    >
      <div class="bar">
        <button type="button" onClick={() => fileInput.current?.click()}>
          Open a .pth file
        </button>
        <button type="button" onClick={() => folderInput.current?.click()}>
          Open a converted folder
        </button>
        <span class="quiet">or drop either here</span>
        <input
          ref={fileInput}
          type="file"
          hidden
          accept=".pth,.pt,.bin,.ckpt"
          aria-label="Checkpoint file"
          onChange={({ currentTarget }) => {
            const file = currentTarget.files?.[0];
            // The same file can be chosen again after it has been repaired.
            currentTarget.value = '';
            if (file !== undefined) take({ kind: 'checkpoint-file', file });
          }}
        />
        <input
          ref={(input) => {
            folderInput.current = input;
            if (input !== null) input.webkitdirectory = true;
          }}
          type="file"
          hidden
          aria-label="Folder of a converted network"
          onChange={({ currentTarget }) => {
            const files = [...(currentTarget.files ?? [])];
            currentTarget.value = '';
            if (files.length > 0) take(readChosenFolder(files));
          }}
        />
      </div>
      <fieldset class="stack">
        <legend class="small quiet">Keep the weights of a .pth file as</legend>
        {FORMS.map((form) => (
          <Choice
            key={form}
            name="form-of-file"
            isChosen={dtype === form}
            label={form ?? 'Whatever suits'}
            meaning={meaningOf(form, onlyFor)}
            onChoose={() => setDtype(form)}
          />
        ))}
      </fieldset>
      <p class="small quiet">
        Files are only read, and nothing in them is run. The checksum tells whether a file is the published
        one; any other is marked as not published.
      </p>
    </div>
  );
}

function meaningOf(form: (typeof FORMS)[number], onlyFor: DiskFormProps['onlyFor']): string {
  if (form === null) return 'the network in the file and this computer. Right for nearly everyone.';
  const names = onlyFor[form];
  return DTYPE_MEANINGS[form] + (names === undefined ? '' : ` For the ${names} network only.`);
}
