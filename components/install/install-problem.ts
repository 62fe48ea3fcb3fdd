import type { DetectorErrorCode } from '../../utils/domain/errors.ts';
import { PUBLISHER_HOST } from './install-words.ts';

/** Why an installation failed, for someone who has never heard of a pickle. */
export type InstallProblem = {
  /** What happened. */
  readonly title: string;
  /** What can be done about it. */
  readonly remedy: string;
  /**
   * What a button offers. `allow`: the user lets the browser read the publisher's answers, and it goes on. `again`: the
   * same once more. `none`: something else has to be done or chosen first.
   */
  readonly action: 'allow' | 'again' | 'none';
};

/**
 * Words for each way in which an installation fails; the error's own message goes below as detail.
 * @param from where the bytes came from: the same failure of a download and of a chosen file have other remedies
 */
export function explainInstallProblem(code: DetectorErrorCode, from: 'publisher' | 'disk'): InstallProblem {
  return from === 'publisher' ? explainDownload(code) : { ...explainFile(code), action: 'none' };
}

function explainDownload(code: DetectorErrorCode): InstallProblem {
  switch (code) {
    case 'download-blocked':
      return {
        title: `Your browser needs your permission to read the file from ${PUBLISHER_HOST}`,
        remedy:
          'The browser will ask you once. TrueFrame uses it for this download only; you can take it back in the browser’s settings.',
        action: 'allow',
      };
    case 'source-changed':
      return {
        title: 'The publisher’s file has changed',
        remedy:
          'It is not the one that TrueFrame knows, so nothing of it is used. A newer TrueFrame may know it. You can also open a copy of the published file in the options.',
        action: 'again',
      };
    case 'source-refused':
      return {
        title: 'The publisher doesn’t give the file',
        remedy: 'It may have been moved, or its server has trouble. Try again later.',
        action: 'again',
      };
    case 'source-failed':
      return {
        title: 'The connection to the publisher keeps breaking off',
        remedy: 'Is this computer online? What has been fetched stays.',
        action: 'again',
      };
    case 'storage-full':
      return {
        title: 'There is not enough room',
        remedy: 'Free some space on this computer, or choose a smaller form below; then try again.',
        action: 'again',
      };
    case 'checkpoint-malformed':
    case 'checkpoint-unsupported':
    case 'checkpoint-refused':
    case 'checkpoint-too-large':
    case 'network-mismatch':
      return {
        title: 'What arrived is not the published file',
        remedy: 'Something on the way changed it, so nothing of it is used. Try again from another network.',
        action: 'again',
      };
    case 'runtime-failed':
      return {
        title: 'The network doesn’t run on this computer',
        remedy: 'Closing other tabs gives it more memory. Another form, below, may run.',
        action: 'again',
      };
    case 'unreachable':
      return {
        title: 'The part of TrueFrame that installs went away',
        remedy: 'The browser may have run out of memory. What has been fetched stays.',
        action: 'again',
      };
    case 'options-invalid':
    case 'graph-invalid':
    case 'model-invalid':
    case 'image-invalid':
    case 'source-protected':
    case 'page-refused':
    case 'request-invalid':
    case 'database-newer':
    case 'report-invalid':
    case 'internal':
      return { ...UNEXPECTED, action: 'again' };
  }
}

function explainFile(code: DetectorErrorCode): Pick<InstallProblem, 'title' | 'remedy'> {
  switch (code) {
    case 'checkpoint-malformed':
      return {
        title: 'This file is not a complete checkpoint',
        remedy:
          'Often a download ended early, or saved the page about the file instead of the file. Download it again and look at its size.',
      };
    case 'checkpoint-unsupported':
      return {
        title: 'This kind of checkpoint can’t be read',
        remedy: 'Save it again with a current PyTorch, or take the published file.',
      };
    case 'checkpoint-refused':
      return {
        title: 'This file would run code of its own',
        remedy: 'TrueFrame read no further and ran nothing. Take the file from its publisher.',
      };
    case 'checkpoint-too-large':
      return {
        title: 'This file is larger than any GenConViT checkpoint',
        remedy: 'Choose the published ED or VAE file.',
      };
    case 'network-mismatch':
      return {
        title: 'This checkpoint holds another network',
        remedy: 'TrueFrame takes GenConViT’s ED and VAE networks. Choose one of their files.',
      };
    case 'model-invalid':
      return {
        title: 'This folder holds no complete network',
        remedy:
          'A file is missing or is not the one that was written. Convert the checkpoint again, or open the checkpoint itself.',
      };
    case 'storage-full':
      return {
        title: 'There is not enough room',
        remedy: 'Free some space on this computer, or choose smaller weights (fp16 or int8).',
      };
    case 'source-failed':
    case 'source-changed':
      return {
        title: 'The file could not be read to its end',
        remedy: 'Was it moved or changed, or is its drive gone? Choose it once more.',
      };
    case 'options-invalid':
      return {
        title: 'These weights don’t fit this network',
        remedy: 'Choose fp16, which always fits.',
      };
    case 'graph-invalid':
    case 'image-invalid':
    case 'source-protected':
    case 'source-refused':
    case 'download-blocked':
    case 'runtime-failed':
    case 'page-refused':
    case 'request-invalid':
    case 'database-newer':
    case 'report-invalid':
    case 'unreachable':
    case 'internal':
      return UNEXPECTED;
  }
}

const UNEXPECTED = {
  title: 'The network could not be installed',
  remedy: 'Try once more. If it fails again, the lines below help to find out why.',
};
