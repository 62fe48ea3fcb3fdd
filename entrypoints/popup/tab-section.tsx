import { useState } from 'preact/hooks';
import { VideoRow } from '../../components/video-row.tsx';
import { isWorking } from '../../components/scan-progress.ts';
import { t } from '../../components/texts.tsx';
import { openWelcome } from './set-up-section.tsx';
import type { InstalledModelState } from './model-footer.tsx';
import type { Scan } from '../../utils/domain/scan.ts';
import type { CheckableVideo, TabVideos } from './use-tab-videos.ts';

/** A feed has dozens of videos, and the first ones are visible on the page. */
const VIDEOS_SHOWN_AT_FIRST = 3;

type TabSectionProps = {
  readonly page: TabVideos;
  readonly model: InstalledModelState;
  /** The tab is in a private window. The extension keeps nothing of it. */
  readonly isPrivate: boolean;
};

/** The videos of the page under the popup. */
export function TabSection({ page, model, isPrivate }: TabSectionProps) {
  return (
    <section aria-labelledby="this-page">
      <h2 id="this-page">{t('popup.thisPage')}</h2>
      {page.kind === 'loading' ? <p class="note quiet">{t('popup.looking')}</p> : null}
      {page.kind === 'refused' ? <p class="note quiet">{page.message}</p> : null}
      {page.kind === 'ready' ? <Videos videos={page.videos} canCheck={model.kind !== 'absent'} /> : null}
      {page.kind === 'ready' && page.isFrameSilent ? (
        <p class="note quiet">{t('popup.silentFrame')}</p>
      ) : null}
      {page.kind === 'ready' ? (
        <ClosedFrames hosts={page.closedHosts} onAllow={isPrivate ? null : page.allowHost} />
      ) : null}
    </section>
  );
}

function Videos({
  videos,
  canCheck,
}: {
  readonly videos: readonly CheckableVideo[];
  readonly canCheck: boolean;
}) {
  const [showsAll, setShowsAll] = useState(false);
  if (videos.length === 0) return <p class="note quiet">{t('popup.noVideo')}</p>;
  // A video that is being checked is never hidden.
  const shown = videos.filter(
    ({ scan }, index) => showsAll || index < VIDEOS_SHOWN_AT_FIRST || isWorking(scan?.state ?? null),
  );
  return (
    <>
      <ul>
        {shown.map(({ video, scan, isStarting, actions }) => (
          <VideoRow
            key={`${String(video.frameId)}/${String(video.videoId)}`}
            video={video}
            state={scan?.state ?? null}
            isStarting={isStarting}
            canCheck={canCheck}
            detailsUrl={
              scan === null || !canShowDetails(scan)
                ? null
                : `/report.html#${encodeURIComponent(scan.scanId)}`
            }
            onInstallModel={openWelcome}
            {...actions}
          />
        ))}
      </ul>
      {shown.length < videos.length ? (
        <button type="button" class="plain small" onClick={() => setShowsAll(true)}>
          {t('popup.showAll', { count: videos.length })}
        </button>
      ) : null}
    </>
  );
}

/** Chromium opens an extension's pages in a normal window, where nothing of a private one may be shown. */
function canShowDetails({ isPrivate }: Scan): boolean {
  return !isPrivate || import.meta.env.FIREFOX;
}

/** Players in frames of other sites: the browser keeps them closed until the user allows the host. */
function ClosedFrames({
  hosts,
  onAllow,
}: {
  readonly hosts: readonly string[];
  /** null in a private window: the permission would outlast it. */
  readonly onAllow: ((host: string) => void) | null;
}) {
  return hosts.map((host) => (
    <div key={host} class="note bar">
      <p class="small quiet">{t('popup.closedFrame', { host })}</p>
      {onAllow === null ? (
        <p class="small quiet">{t('popup.notAllowedHere')}</p>
      ) : (
        <button type="button" onClick={() => onAllow(host)}>
          {t('action.allow', { host })}
        </button>
      )}
    </div>
  ));
}
