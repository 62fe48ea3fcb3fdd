import type { DetectorErrorCode } from '../../utils/errors.ts';

/** Why an installation failed, for someone who has never heard of a pickle. */
export type InstallProblem = {
  /** What happened. */
  readonly title: string;
  /** What can be done about it. */
  readonly remedy: string;
};

/** Words for each way in which an installation from a file fails; the error's own message goes below as detail. */
export function explainInstallProblem(code: DetectorErrorCode): InstallProblem {
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
    case 'storage-full':
      return {
        title: 'There is not enough room',
        remedy: 'Free some space on this computer, or choose smaller weights (fp16 or int8).',
      };
    case 'source-failed':
      return {
        title: 'The file could not be read to its end',
        remedy: 'Was it moved, or is its drive gone? Choose it once more.',
      };
    case 'options-invalid':
      return {
        title: 'These weights don’t fit this network',
        remedy: 'Choose fp16, which always fits.',
      };
    case 'graph-invalid':
    case 'model-invalid':
    case 'image-invalid':
    case 'source-refused':
    case 'runtime-failed':
    case 'page-refused':
    case 'unreachable':
    case 'internal':
      return {
        title: 'The network could not be installed',
        remedy: 'Try once more. If it fails again, the lines below help to find out why.',
      };
  }
}
