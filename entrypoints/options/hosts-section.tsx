import { useEffect, useState } from 'preact/hooks';
import { browser } from 'wxt/browser';
import { useStored } from '../../components/use-stored.ts';
import { formatList, t } from '../../components/texts.tsx';
import { UndoBar } from '../../components/undo-bar.tsx';
import { readBadgeSites, watchBadgeSites } from '../../utils/browser/badge-sites.ts';
import { askForOrigins } from '../../utils/browser/host-permission.ts';
import { covers } from '../../utils/domain/sites.ts';
import type { BadgeSite } from '../../utils/domain/sites.ts';

/** The hosts that the user has let the extension read from, one by one, and the way to take each back. */
export function HostsSection() {
  const origins = useGrantedOrigins();
  const [sites] = useStored(readBadgeSites, watchBadgeSites);
  const [taken, setTaken] = useState<string | null>(null);
  if (origins === null || sites === null) return null;
  const takeBack = async (origin: string): Promise<void> => {
    if (await browser.permissions.remove({ origins: [origin] })) setTaken(origin);
  };
  return (
    <section class="stack" aria-labelledby="hosts">
      <h2 id="hosts">{t('options.hosts.title')}</h2>
      <p>{t(origins.length === 0 ? 'options.hosts.none' : 'options.hosts.intro')}</p>
      {origins.length === 0 ? null : (
        <ul class="stack">
          {origins.map((origin) => (
            <HostRow
              key={origin}
              origin={origin}
              sites={sites.filter(({ originPatterns }) =>
                originPatterns.some((each) => covers(origin, each)),
              )}
              onTakeBack={() => void takeBack(origin)}
            />
          ))}
        </ul>
      )}
      {taken === null ? null : (
        <UndoBar
          message={t('options.hosts.takenBack', { host: hostOfPattern(taken) })}
          onUndo={() => {
            setTaken(null);
            // This runs in the task of the click. The browser gives back a former permission without asking again.
            void askForOrigins([taken]);
          }}
          onDismiss={() => setTaken(null)}
        />
      )}
    </section>
  );
}

function HostRow({
  origin,
  sites,
  onTakeBack,
}: {
  readonly origin: string;
  /** The sites whose badges end without this host. */
  readonly sites: readonly BadgeSite[];
  readonly onTakeBack: () => void;
}) {
  const host = hostOfPattern(origin);
  return (
    <li class="bar">
      <span>
        <bdi>{host}</bdi>
        {sites.length === 0 ? null : (
          <span class="small quiet">
            {' '}
            {t('options.hosts.forBadges', { sites: formatList(sites.map(({ name }) => name)) })}
          </span>
        )}
      </span>
      <button type="button" aria-label={t('options.hosts.takeBackOf', { host })} onClick={onTakeBack}>
        {t('options.hosts.takeBack')}
      </button>
    </li>
  );
}

/**
 * The origins as the browser lists them, in order, kept up to date with the browser's own settings. null until they are
 * read.
 */
function useGrantedOrigins(): readonly string[] | null {
  const [origins, setOrigins] = useState<readonly string[] | null>(null);
  useEffect(() => {
    const read = (): void =>
      void browser.permissions.getAll().then((granted) => setOrigins((granted.origins ?? []).toSorted()));
    read();
    const { onAdded, onRemoved } = browser.permissions;
    onAdded.addListener(read);
    onRemoved.addListener(read);
    return () => {
      onAdded.removeListener(read);
      onRemoved.removeListener(read);
    };
  }, []);
  return origins;
}

/** A match pattern as users write it: `*://*.cdn.example/*` is cdn.example. */
function hostOfPattern(pattern: string): string {
  return pattern.replace(/^[^:]+:\/\/(?:\*\.)?/, '').replace(/\/.*$/, '');
}
