import type { ScanMessage, HostToContent } from '../../utils/domain/frames-port.ts';

/** One scan's conversation with its content script. */
export type ScanChannel = {
  readonly post: (message: HostToContent) => void;
  /**
   * The content script's next message.
   * @returns null where none comes within that time
   * @throws AbortError; DetectorError `internal` after a message that breaks the protocol
   */
  readonly next: (timeoutMilliseconds: number, signal: AbortSignal) => Promise<ScanMessage | null>;
};
