import { printable } from './command-line.ts';

/** A person sees no difference if the line is drawn more often. */
const INTERVAL_MILLISECONDS = 100;
const BAR_WIDTH = 24;

/**
 * Shows the progress of a run over many videos: a bar that is rewritten on a terminal, a line for each video elsewhere.
 * @param alreadyDone videos of an earlier run, which say nothing about this run's speed
 */
export function createProgress(all: number, alreadyDone: number) {
  const startedAt = performance.now();
  const isTerminal = process.stderr.isTTY;
  let done = alreadyDone;
  let frames = 0;
  let shownAt = 0;

  function draw(text: string): void {
    if (!isTerminal) return;
    const now = performance.now();
    if (now - shownAt < INTERVAL_MILLISECONDS) return;
    shownAt = now;
    const filled = Math.round((BAR_WIDTH * done) / all);
    const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
    const columns = process.stderr.columns;
    // Moves back to the line's start, and clears the rest of a longer former name.
    process.stderr.write(`\r\u001b[2K${`${bar} ${done}/${all} ${timeLeft()} ${text}`.slice(0, columns - 1)}`);
  }

  function timeLeft(): string {
    const ended = done - alreadyDone;
    if (ended === 0) return `${frames} frames`;
    const seconds = ((all - done) * (performance.now() - startedAt)) / 1000 / ended;
    const minutes = Math.floor(seconds / 60);
    return minutes === 0 ? `${Math.ceil(seconds)} s left` : `${minutes} min left`;
  }

  return {
    sawFrame: (path: string, framesScanned: number): void => {
      if (framesScanned > 0) frames += 1;
      draw(printable(path));
    },
    ended: (path: string, outcome: string): void => {
      done += 1;
      if (isTerminal) draw(printable(path));
      else process.stderr.write(`${done}/${all} ${printable(path)}: ${outcome}\n`);
    },
    end: (): void => {
      if (isTerminal) process.stderr.write('\r\u001b[2K');
    },
  };
}
