import { render } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { FileDrop } from '../../components/file-drop.tsx';
import { nameDocument, t } from '../../components/texts.tsx';
import { createBlobSource } from '../../models/checkpoint/read/blob-source.ts';
import { checkBundle } from '../../models/evidence/check-bundle.ts';
import { createSigner, fingerprintOf } from '../../models/evidence/signature.ts';
import { readSigningKey } from '../../utils/browser/signing-key.ts';
import { isDetectorError } from '../../utils/domain/errors.ts';
import { BundleResult } from './bundle-result.tsx';
import type { Shown } from './bundle-result.tsx';

/** Checks an evidence bundle that the user opens. */
export function VerifyPage() {
  const [shown, setShown] = useState<Shown | null>(null);
  const reading = useRef<AbortController | null>(null);

  const open = (file: File): void => {
    reading.current?.abort();
    const abort = new AbortController();
    reading.current = abort;
    setShown({ kind: 'reading', name: file.name });
    void verify(file, abort.signal).then((result) => {
      // If the user opens two files, only the second one is shown.
      if (!abort.signal.aborted) setShown(result);
    });
  };

  return (
    <main class="column">
      <header class="stack">
        <h1>{t('verify.title')}</h1>
        <p class="quiet">{t('verify.intro')}</p>
        <FileDrop
          buttons={[
            {
              label: t('verify.open'),
              fieldLabel: t('verify.file'),
              isPrimary: true,
              accept: '.zip,application/zip',
              onFiles: ([file]) => open(file),
            },
          ]}
          hint={t('verify.orDrop')}
          onDrop={({ files: [file] }) => {
            if (file !== undefined) open(file);
          }}
        />
      </header>
      {shown === null ? null : <BundleResult shown={shown} />}
    </main>
  );
}

async function verify(file: File, signal: AbortSignal): Promise<Shown> {
  const { name } = file;
  try {
    const checked = await checkBundle(createBlobSource(file, name), signal);
    return { kind: 'checked', name, checked, isOwn: checked.fingerprint === (await ownFingerprint()) };
  } catch (error) {
    if (isDetectorError(error, 'bundle-malformed')) {
      return { kind: 'unreadable', name, reason: error.message };
    }
    if (isDetectorError(error, 'bundle-too-large')) return { kind: 'too-large', name };
    if (!signal.aborted && !isDetectorError(error, 'source-failed')) reportError(error);
    return { kind: 'failed', name };
  }
}

/** Fingerprint of this profile's key; null where it has none. */
async function ownFingerprint(): Promise<string | null> {
  const stored = await readSigningKey();
  return stored === null ? null : await fingerprintOf((await createSigner(stored.pair)).publicKey);
}

nameDocument('verify.pageTitle');
render(<VerifyPage />, document.body);
