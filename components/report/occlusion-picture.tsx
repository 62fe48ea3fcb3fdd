import { isFaithful } from '../../utils/domain/occlusion.ts';
import type { OcclusionMap } from '../../utils/domain/occlusion.ts';
import { formatNumber, t } from '../texts.tsx';
import { FacePicture } from '../badge/evidence-strip.tsx';

/** In CSS pixels: the networks' own input of 224 a side. */
const SIDE_PIXELS = 224;
/** Opacity of the strongest patch. The face stays visible under it. */
const MAX_OPACITY = 0.72;
/** From half of the strongest change on, a patch has a sign, since some people can't tell colours apart. */
const SIGNED_FROM = 0.5;

type OcclusionPictureProps = { readonly map: OcclusionMap; readonly picture: ImageData };

/**
 * Shows the face with the parts that change its score, the scale in words, whether the map is faithful, and the limits
 * of what it says.
 */
export function OcclusionPicture({ map, picture }: OcclusionPictureProps) {
  const lowers = pointsOf(-Math.min(0, ...map.changes));
  const raises = pointsOf(Math.max(0, ...map.changes));
  return (
    <div class="occlusion">
      <div class="occlusion-face">
        {/* The map over the picture has the words for screen readers. */}
        <div aria-hidden="true">
          <FacePicture picture={picture} label="" sidePixels={SIDE_PIXELS} />
        </div>
        <Patches map={map} />
      </div>
      <div class="stack small">
        <p class="number">
          {t('report.occlusion.whole')}: {t('report.reasons.of100', { score: pointsOf(map.score) })}
        </p>
        {lowers > 0 ? <Scale kind="lowers" points={lowers} /> : null}
        {raises > 0 ? <Scale kind="raises" points={raises} /> : null}
        {lowers === 0 && raises === 0 ? <p>{t('report.occlusion.nothing')}</p> : null}
        <p>{faithfulnessSentence(map)}</p>
        <p class="quiet">{t('report.occlusion.limits')}</p>
        <ChangesTable map={map} />
      </div>
    </div>
  );
}

function Patches({ map: { grid, changes } }: { readonly map: OcclusionMap }) {
  const strongest = Math.max(...changes.map(Math.abs));
  return (
    <svg
      viewBox={`0 0 ${String(grid)} ${String(grid)}`}
      role="img"
      aria-label={t('report.occlusion.picture')}
      direction="ltr"
    >
      {changes.map((change, patch) => {
        const share = strongest === 0 ? 0 : Math.abs(change) / strongest;
        const [x, y] = [patch % grid, Math.floor(patch / grid)];
        return (
          <g key={patch} class={change < 0 ? 'lowers' : 'raises'}>
            <rect x={x} y={y} width="1" height="1" fill-opacity={share * MAX_OPACITY} />
            {share >= SIGNED_FROM ? (
              <path d={`M${x + 0.35} ${y + 0.5}h.3${change < 0 ? '' : `M${x + 0.5} ${y + 0.35}v.3`}`} />
            ) : null}
          </g>
        );
      })}
    </svg>
  );
}

function Scale({ kind, points }: { readonly kind: 'lowers' | 'raises'; readonly points: number }) {
  return (
    <p class="occlusion-scale">
      <svg class={kind} viewBox="0 0 1 1" width="20" height="20" aria-hidden="true" focusable="false">
        <rect width="1" height="1" fill-opacity={MAX_OPACITY} />
        <path d={`M.3 .5h.4${kind === 'lowers' ? '' : 'M.5 .3v.4'}`} />
      </svg>
      <span>{t(`report.occlusion.${kind}`, { points })}</span>
    </p>
  );
}

function faithfulnessSentence(map: OcclusionMap): string {
  const { patches, named, random } = map.faithfulness;
  return t(isFaithful(map) ? 'report.occlusion.faithful' : 'report.occlusion.unfaithful', {
    patches,
    named: pointsOf(named),
    random: pointsOf(random.reduce((sum, each) => sum + each, 0) / random.length),
    most: pointsOf(Math.max(...random)),
  });
}

function ChangesTable({ map: { grid, changes } }: { readonly map: OcclusionMap }) {
  const rows = Array.from({ length: grid }, (_, row) => changes.slice(row * grid, (row + 1) * grid));
  return (
    <details>
      <summary>{t('report.occlusion.table')}</summary>
      <table class="occlusion-table" dir="ltr">
        <caption class="quiet" dir="auto">
          {t('report.occlusion.tableHint')}
        </caption>
        <thead>
          <tr>
            <td />
            {rows.map((_, column) => (
              <th key={column} scope="col" class="number">
                {formatNumber(column + 1)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              <th scope="row">{formatNumber(index + 1)}</th>
              {row.map((change, column) => (
                <td key={column} class="number">
                  {formatNumber(pointsOf(change))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

/** The change in hundredths, as a whole number. It is never -0, which would be shown with a sign. */
function pointsOf(share: number): number {
  return Math.round(share * 100) + 0;
}
