import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A command that was killed could not delete its temporary folders: profiles with a copy of the network, videos.
 * @param prefix of their names, before the process id and a hyphen
 * @param parent the folder in which they lie
 */
export async function removeLeftFolders(prefix: string, parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = Number(new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1]);
    if (!Number.isInteger(pid) || isAlive(pid)) continue;
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process may not be signalled.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
