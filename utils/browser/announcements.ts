import type { InstallationState } from '../domain/installation.ts';

/** Values that one context sends to every other context of the extension that listens. */
export type Announcements<Value> = {
  readonly announce: (value: Value) => void;
  /** Calls back whenever another context announces something. @returns stops listening */
  readonly watch: (onValue: (value: Value) => void) => () => void;
};

/** @param channelName of the BroadcastChannel over which the announcements go */
export function createAnnouncements<Value>(channelName: string): Announcements<Value> {
  return {
    announce: (value) => {
      const channel = new BroadcastChannel(channelName);
      channel.postMessage(value);
      channel.close();
    },
    watch: (onValue) => {
      const channel = new BroadcastChannel(channelName);
      channel.addEventListener('message', ({ data }: MessageEvent<Value>) => onValue(data));
      return () => channel.close();
    },
  };
}

/** The states of the installation. Only the host announces them, since it installs. */
export const installationStates = createAnnouncements<InstallationState>('installation');
