import { addressToReopen } from '../../utils/domain/post-sites.ts';
import { isDetectorError } from '../../utils/domain/errors.ts';
import type { VideoOrigin } from '../../utils/domain/report.ts';
import type { ScannedVideo } from '../../utils/domain/scan.ts';
import { createBlobSource } from '../checkpoint/read/blob-source.ts';
import { sha256OfSource } from '../store/model-store.ts';

/** The source of a scan's video. */
export type VideoGiven =
  | { readonly kind: 'page' | 'address' }
  /** A folder of pictures on the user's disk. */
  | { readonly kind: 'images' }
  /** A file on the user's disk. */
  | { readonly kind: 'file'; readonly file: Blob };

/**
 * Larger files are not hashed. Hashing this much takes some three seconds, beside the scan. Larger files are films, of
 * which a scan reads little.
 */
const MAX_HASHED_BYTE_LENGTH = 2 ** 30;

/**
 * The origin of a scan's video for the report. A file from the disk is read as a whole.
 * @throws AbortError
 */
export async function describeOrigin(
  video: ScannedVideo,
  given: VideoGiven,
  signal: AbortSignal,
): Promise<VideoOrigin> {
  const { title, fileUrl } = video;
  if (given.kind === 'images') {
    return { kind: 'file', pageUrl: null, title, fileUrl: null, fileName: title, fileSha256: null };
  }
  if (given.kind === 'file') {
    const { file } = given;
    const fileName = file instanceof File ? file.name : title;
    const fileSha256 = await hashOfFile(file, signal);
    return { kind: 'file', pageUrl: null, title, fileUrl: null, fileName, fileSha256 };
  }
  const fileName = fileUrl === null ? null : fileNameOf(fileUrl);
  return {
    kind: given.kind,
    pageUrl: addressToReopen(video),
    title,
    fileUrl,
    fileName,
    fileSha256: null,
  };
}

/** The file's hash; null for a file that is too large, or that can't be read any more. */
async function hashOfFile(file: Blob, signal: AbortSignal): Promise<string | null> {
  if (file.size > MAX_HASHED_BYTE_LENGTH) return null;
  try {
    return await sha256OfSource(createBlobSource(file, 'the video'), () => undefined, signal);
  } catch (error) {
    if (isDetectorError(error, 'source-failed')) return null;
    throw error;
  }
}

/** The last part of a file's address. */
export function fileNameOf(fileUrl: string): string {
  const name = fileUrl.slice(fileUrl.lastIndexOf('/') + 1).replace(/\?.*/, '');
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

type UserAgentData = {
  readonly brands: readonly { readonly brand: string; readonly version: string }[];
};

/** Brand and main version, such as "Google Chrome 148", as the browser tells this document. */
export function browserName({
  userAgent,
  userAgentData,
}: Navigator & { userAgentData?: UserAgentData }): string {
  // The browser makes up one brand, so that no site relies on the list:
  // https://wicg.github.io/ua-client-hints/#create-arbitrary-brands-section
  const brands = userAgentData?.brands.filter(({ brand }) => !/not.*brand/i.test(brand)) ?? [];
  const own = brands.find(({ brand }) => brand !== 'Chromium') ?? brands[0];
  if (own !== undefined) return `${own.brand} ${own.version}`;
  return /(?:Firefox|Edg|Chrome|Version)\/\d+/.exec(userAgent)?.[0].replace('/', ' ') ?? 'unknown';
}
