import { useState } from 'preact/hooks';
import type { WeightDtype } from '../../utils/domain/model.ts';
import { FileDrop } from '../file-drop.tsx';
import { t } from '../texts.tsx';
import { readChosenFolder, readDropped } from './dropped-files.ts';
import type { ChosenFiles } from './dropped-files.ts';
import { Choice } from './form-choice.tsx';

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
