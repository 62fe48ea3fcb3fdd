import { readdir, readFile } from 'node:fs/promises';

/**
 * Resident memory of all processes that this one has started, in bytes, as Linux counts it; null elsewhere. What several share
 * is counted for each.
 */
export async function browserMemory(): Promise<number | null> {
  const names = await readdir('/proc').catch(() => null);
  if (names === null) return null;
  const parents = new Map<number, number>();
  const bytes = new Map<number, number>();
  for (const name of names) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    // A process may end between the two.
    const status = await readFile(`/proc/${name}/status`, 'utf8').catch(() => '');
    parents.set(pid, Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0));
    bytes.set(pid, 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0));
  }
  let sum = 0;
  for (const [pid, own] of bytes) {
    for (let at = parents.get(pid); at !== undefined && at > 0; at = parents.get(at)) {
      if (at !== process.pid) continue;
      sum += own;
      break;
    }
  }
  return sum;
}
