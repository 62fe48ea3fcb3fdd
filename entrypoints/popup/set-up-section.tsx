import { useEffect, useState } from 'preact/hooks';
import { SetUpNote } from '../../components/install/set-up-note.tsx';
import { t } from '../../components/texts.tsx';
import type { Installation } from '../../components/install/use-installation.ts';
import { isInstalling } from '../../utils/domain/installation.ts';
import { ask } from '../../utils/browser/messages.ts';
import type { InstalledModelState } from './model-footer.tsx';
import type { PartialDownload } from '../../utils/domain/installation.ts';

type SetUpSectionProps = { readonly installation: Installation; readonly model: InstalledModelState };

/** Leads to the installation of a network while there is none, and shows an installation that runs. */
export function SetUpSection({ installation: { state, start }, model }: SetUpSectionProps) {
  const partials = usePartialDownloads(state?.kind ?? null);
  if (state === null || partials === null || model.kind === 'loading') return null;
  if (model.kind === 'ready' && !isInstalling(state)) return null;
  return (
    <section aria-label={t('popup.settingUp')}>
      <SetUpNote
        state={state}
        isInstalling={isInstalling(state)}
        partials={partials}
        isDamaged={model.kind === 'absent' && model.isDamaged}
        onSetUp={openWelcome}
        onContinue={() =>
          start({
            kind: 'download',
            title: [...new Set(partials.map(({ detectorName }) => detectorName))].join(', '),
            items: partials.map(({ detector, network, dtype, device }) => ({
              detector,
              network,
              dtype,
              device,
            })),
          })
        }
      />
    </section>
  );
}

/** Downloads that were begun; null until they are read. */
function usePartialDownloads(installationKind: string | null): readonly PartialDownload[] | null {
  const [partials, setPartials] = useState<readonly PartialDownload[] | null>(null);
  useEffect(() => void ask('background', 'listPartialDownloads', null).then(setPartials), [installationKind]);
  return partials;
}

/** The page that installs a network. The popup closes as another tab comes forward. */
export function openWelcome(): void {
  void ask('background', 'openPage', { page: 'welcome', scanId: null });
}
