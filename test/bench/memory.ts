import { readdir, readFile } from 'node:fs/promises';

/** The largest memory of the extension's processes at one time, in bytes; null where the system does not report it. */
export type PeakMemory = {
  /** The extension's renderer: service worker, host document and its Worker, popup. */
  readonly extensionBytes: number | null;
  readonly gpuProcessBytes: number | null;
};

const SAMPLE_MILLISECONDS = 100;

/**
 * Watches the resident memory of a Chromium's processes, which it knows by the profile folder in their command lines'
 * ancestors. Linux only: elsewhere there is no /proc.
 * @param ownPid the process that launched the browser
 */
export function watchMemory(ownPid = process.pid): () => Promise<PeakMemory> {
  let extension: number | null = null;
  let gpu: number | null = null;
  const over = new AbortController();
  const watching = (async () => {
    while (!over.signal.aborted) {
      for (const { command, residentBytes } of await descendantsOf(ownPid)) {
        if (command.includes('--extension-process')) extension = Math.max(extension ?? 0, residentBytes);
        else if (command.includes('--type=gpu-process')) gpu = Math.max(gpu ?? 0, residentBytes);
      }
      await new Promise((elapsed) => setTimeout(elapsed, SAMPLE_MILLISECONDS));
    }
  })();
  return async () => {
    over.abort();
    await watching;
    return { extensionBytes: extension, gpuProcessBytes: gpu };
  };
}

/** Processor time that processes have taken so far, in seconds, and the memory that they hold, in bytes. */
export type Usage = { readonly cpuSeconds: number; readonly residentBytes: number };

/** The usage of the processes of a browser that this process has launched, and whose command line contains `mark`. */
export async function usageOf(mark: string, ownPid = process.pid): Promise<Usage> {
  const own = (await descendantsOf(ownPid)).filter(({ command }) => command.includes(mark));
  return own.reduce<Usage>(
    (sum, { cpuSeconds, residentBytes }) => ({
      cpuSeconds: sum.cpuSeconds + cpuSeconds,
      residentBytes: sum.residentBytes + residentBytes,
    }),
    { cpuSeconds: 0, residentBytes: 0 },
  );
}

type Process = {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  readonly residentBytes: number;
  readonly cpuSeconds: number;
};

/** Clock ticks in `/proc/PID/stat`. Linux has used this unit for decades, independent of the kernel's own clock. */
const TICKS_A_SECOND = 100;

async function descendantsOf(pid: number): Promise<readonly Process[]> {
  const names = await readdir('/proc').catch(() => []);
  const all = (await Promise.all(names.filter((name) => /^\d+$/.test(name)).map(readProcess))).filter(
    (found) => found !== undefined,
  );
  const descendants = new Set([pid]);
  // Parents mostly have smaller ids than their children, but ids start again at their end. So this repeats until no
  // process is added.
  for (let size = 0; size < descendants.size;) {
    size = descendants.size;
    for (const process of all) if (descendants.has(process.parent)) descendants.add(process.pid);
  }
  return all.filter((process) => descendants.has(process.pid));
}

/** proc(5). Undefined for a process that has ended meanwhile. */
async function readProcess(pid: string): Promise<Process | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    const field = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    // The fields come after the name, which may contain any character: fields 14 and 15 are the time in the program and
    // in the kernel for it.
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return {
      pid: Number(pid),
      parent: field('PPid'),
      command,
      residentBytes: field('VmRSS') * 1024,
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND,
    };
  } catch {
    return undefined;
  }
}
