import { useState } from 'preact/hooks';
import type { WeightDtype } from '../../utils/domain/model.ts';
import { isDirectory, isFile, ownFiles, readFile, readFolder } from '../dropped-entries.ts';
import { FileDrop } from '../file-drop.tsx';
import { t } from '../texts.tsx';
import { Choice } from './download-form.tsx';

/** null: the installer chooses the form that suits the network, which it knows once it has opened the file. */
const FORMS = [null, 'fp16', 'fp32', 'int8', 'int4'] as const;

type DiskFormProps = {
  /** The names of the networks that can have a form, for each form that not every network can have. */
  readonly onlyFor: Readonly<Partial<Record<WeightDtype, string>>>;
  readonly onFile: (file: File, dtype: WeightDtype | null) => void;
  readonly onFolder: (files: readonly File[]) => void;
};

/** Takes a checkpoint or the folder of a converted network, from a button or a drop. */
export function DiskForm({ onlyFor, onFile, onFolder }: DiskFormProps) {
  const [dtype, setDtype] = useState<WeightDtype | null>(null);

  function take(chosen: ChosenFiles): void {
    if (chosen.kind === 'checkpoint-file') onFile(chosen.file, dtype);
    if (chosen.kind === 'model-folder') onFolder(chosen.files);
  }

  return (
    <FileDrop
      buttons={[
        {
          label: t('install.disk.openFile'),
          fieldLabel: t('install.disk.file'),
          accept: '.pth,.pt,.bin,.ckpt,.safetensors',
          onFiles: ([file]) => take({ kind: 'checkpoint-file', file }),
        },
        {
          label: t('install.disk.openFolder'),
          fieldLabel: t('install.disk.folder'),
          accept: null,
          onFiles: (files) => take(readChosenFolder(files)),
        },
      ]}
      hint={t('install.disk.orDrop')}
      onDrop={(data) => void readDropped(data).then(take)}
    >
      <fieldset class="stack">
        <legend class="small quiet">{t('install.disk.keepAs')}</legend>
        {FORMS.map((form) => (
          <Choice
            key={form}
            name="form-of-file"
            isChosen={dtype === form}
            label={form ?? t('install.form.any')}
            meaning={meaningOf(form, onlyFor)}
            onChoose={() => setDtype(form)}
          />
        ))}
      </fieldset>
      <p class="small quiet">{t('install.disk.hint')}</p>
    </FileDrop>
  );
}

function meaningOf(form: (typeof FORMS)[number], onlyFor: DiskFormProps['onlyFor']): string {
  if (form === null) return t('install.form.anyMeaning');
  const network = onlyFor[form];
  const meaning = t(`install.form.${form}`);
  return network === undefined ? meaning : t('install.form.onlyFor', { meaning, network });
}

/** The dropped or chosen files that can be installed. */
export type ChosenFiles =
  | { readonly kind: 'checkpoint-file'; readonly file: File }
  | { readonly kind: 'model-folder'; readonly files: readonly File[] }
  | { readonly kind: 'nothing' };

/** A converted network has a graph, its description and a shard for each 16 MB: at most about a hundred files. */
export const MAX_FOLDER_FILES = 1000;

/**
 * The one file or the one folder that was dropped; folders within a folder are left out. Must be called right in the
 * event: afterwards the browser has emptied it.
 */
export function readDropped({ items }: DataTransfer): Promise<ChosenFiles> {
  const item = [...items].find(({ kind }) => kind === 'file');
  const entry = item?.webkitGetAsEntry() ?? null;
  if (entry !== null) return readEntry(entry);
  // A file that lies in no folder, such as one that another page made.
  const file = item?.getAsFile() ?? null;
  return Promise.resolve(file === null ? { kind: 'nothing' } : { kind: 'checkpoint-file', file });
}

/** The files of a folder that was chosen, without those of folders within it. */
export function readChosenFolder(files: readonly File[]): ChosenFiles {
  return { kind: 'model-folder', files: ownFiles(files).slice(0, MAX_FOLDER_FILES) };
}

async function readEntry(entry: FileSystemEntry): Promise<ChosenFiles> {
  if (isFile(entry)) return { kind: 'checkpoint-file', file: await readFile(entry) };
  if (!isDirectory(entry)) return { kind: 'nothing' };
  return { kind: 'model-folder', files: await readFolder(entry, MAX_FOLDER_FILES) };
}
