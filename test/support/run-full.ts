import { spawnSync } from 'node:child_process';
import { REPOSITORY } from './build-once.ts';

/** What `npm run test:full` does, in this order. */
const STEPS: readonly { readonly command: string; readonly adds: string }[] = [
  { command: 'npm test', adds: 'types, lint, format, and the projects unit, browser, e2e and serial' },
  {
    command: 'npm run test:long',
    adds: 'the project full: the matrix of players, downloads and installations that are killed again and again, leaks of repeated checks, and all cases of what npm test tries for one of each kind (places of badges, faults of a download, odd pages, the screen at each zoom, networks on WebGPU)',
  },
  { command: 'npm run bench:convert', adds: 'time and memory of a conversion at the published size' },
  { command: 'npm run bench:install', adds: 'time and memory of an installation at the published size, ED' },
  { command: 'npm run bench:install -- --vae', adds: 'the same of the VAE' },
  { command: 'npm run bench:queue', adds: 'videos an hour with one and two workers of a queue' },
  {
    command: 'npm run bench:serve -- 1000',
    adds: 'a thousand requests in a row: throughput and memory of a server',
  },
  { command: 'npm run bench:source', adds: 'what a check of a two-hour file reads of it' },
  { command: 'npm run bench:leaks', adds: 'memory after two hundred checks in a row' },
  {
    command: 'npm run bench:evaluate',
    adds: 'time and memory of the evaluation page over a thousand short videos',
  },
  { command: 'npm run bench:early-stop', adds: 'what an early stop saves on made-up scores' },
  {
    command: 'npm run bench:feed -- --watch-every 10',
    adds: 'a feed of hundreds of posts that is read to its end',
  },
];

const listing = STEPS.map(({ command, adds }) => `  ${command}\n      ${adds}`).join('\n');
console.log(`npm run test:full runs\n${listing}`);

for (const { command, adds } of STEPS) {
  console.log(`\n${command}: ${adds}`);
  const startedAt = performance.now();
  const { status } = spawnSync(command, { cwd: REPOSITORY, shell: true, stdio: 'inherit' });
  if (status !== 0) {
    console.error(`${command} failed`);
    process.exit(1);
  }
  console.log(`${command} took ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
}
