import { useEffect, useRef, useState } from 'preact/hooks';
import type { ScanState } from '../../utils/domain/scan.ts';
import type { Checkable } from './checkable.ts';
import { startCheck } from './start-check.ts';
import type { RunningCheck } from './start-check.ts';

export type ShownCheck = {
  readonly checkable: Checkable;
  readonly scanId: string;
  readonly state: ScanState;
};

/** The page's one check: a new one takes the last one's place. */
export function useCheck(): {
  readonly shown: ShownCheck | null;
  readonly start: (checkable: Checkable) => void;
  readonly cancel: () => void;
} {
  const [shown, setShown] = useState<ShownCheck | null>(null);
  const running = useRef<RunningCheck | null>(null);
  useEffect(() => () => running.current?.cancel(), []);

  return {
    shown,
    start: (checkable) => {
      running.current?.cancel();
      let scanId = '';
      const check = startCheck(checkable, (state) => {
        // What a replaced check still has to say is of no interest.
        if (scanId === '' || running.current?.scanId === scanId) setShown({ checkable, scanId, state });
      });
      scanId = check.scanId;
      running.current = check;
      setShown({ checkable, scanId, state: { kind: 'loading-model' } });
    },
    cancel: () => running.current?.cancel(),
  };
}
