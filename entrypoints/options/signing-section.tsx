import { useEffect, useState } from 'preact/hooks';
import { ConfirmButton } from '../../components/confirm-button.tsx';
import { Facts } from '../../components/facts.tsx';
import { formatInstant } from '../../components/format.ts';
import { t } from '../../components/texts.tsx';
import { createKeyPair, createSigner, fingerprintOf, toPem } from '../../models/evidence/signature.ts';
import { readSigningKey, replaceSigningKey, watchSigningKey } from '../../utils/browser/signing-key.ts';

type ShownKey = { readonly pem: string; readonly fingerprint: string; readonly madeAt: number };

/** The key by which this profile signs evidence bundles, and the way to make another one. */
export function SigningSection() {
  const [key, readAgain] = useSigningKey();
  const [isCopied, setCopied] = useState(false);
  if (key === 'reading') return null;
  const copy = (text: string): void => {
    void navigator.clipboard.writeText(text).then(() => setCopied(true));
  };
  return (
    <section class="stack" aria-labelledby="signing">
      <h2 id="signing">{t('signing.title')}</h2>
      <p>{t('signing.meaning')}</p>
      {key === null ? (
        <p>{t('signing.none')}</p>
      ) : (
        <>
          <Facts
            facts={[
              [t('signing.publicKey'), <code class="fingerprint">{key.pem.split('\n')[1]}</code>],
              [t('signing.fingerprint'), <code class="fingerprint">{key.fingerprint}</code>],
              [t('signing.madeAt'), formatInstant(key.madeAt)],
            ]}
          />
          <p class="quiet small">{t('signing.compare')}</p>
          <div class="bar">
            <button type="button" onClick={() => copy(key.fingerprint)}>
              {t('signing.copyFingerprint')}
            </button>
            <button type="button" onClick={() => copy(key.pem)}>
              {t('signing.copyKey')}
            </button>
            <span role="status" class="quiet">
              {isCopied ? t('signing.copied') : ''}
            </span>
            <ConfirmButton
              label={t('signing.replace')}
              question={t('signing.replaceQuestion')}
              confirmLabel={t('signing.replace')}
              onConfirm={() => {
                setCopied(false);
                void replaceSigningKey(createKeyPair).then(readAgain);
              }}
            />
          </div>
        </>
      )}
      <p>
        <a href="/verify.html" target="_blank">
          {t('signing.verify')}
        </a>
      </p>
    </section>
  );
}

/** null before the first bundle; kept up to date with what other pages do. */
function useSigningKey(): readonly [key: ShownKey | null | 'reading', readAgain: () => void] {
  const [key, setKey] = useState<ShownKey | null | 'reading'>('reading');
  const readAgain = (): void => {
    void readSigningKey().then(async (stored) => {
      if (stored === null) {
        setKey(null);
        return;
      }
      const { publicKey } = await createSigner(stored.pair);
      setKey({
        pem: toPem(publicKey),
        fingerprint: await fingerprintOf(publicKey),
        madeAt: stored.madeAt,
      });
    });
  };
  useEffect(() => {
    readAgain();
    return watchSigningKey(readAgain);
  }, []);
  return [key, readAgain];
}
