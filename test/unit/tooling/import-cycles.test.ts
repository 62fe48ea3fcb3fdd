import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const REPOSITORY = resolve(import.meta.dirname, '../../..');

type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** The files that each file imports, exports from, or loads later. Type imports are included, packages are left out. */
function readImportGraph(root: string, folders: readonly string[]): ImportGraph {
  const files = folders.flatMap((folder) => globSync(`${folder}/**/*.{ts,tsx}`, { cwd: root }));
  return new Map(
    files.map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true);
      const imported = importedFiles
        // Vite's queries, such as `?worker`, are no part of a file's name.
        .map(({ fileName }) => fileName.replace(/[?].*$/, ''))
        .filter((name) => name.startsWith('.'))
        .map((name) => relative(root, resolve(root, dirname(file), name)));
      return [file, imported];
    }),
  );
}

/** The cycles that a depth-first search meets, each as the files on it; every graph with a cycle has one here. */
function findCycles(graph: ImportGraph): readonly (readonly string[])[] {
  const cycles: (readonly string[])[] = [];
  const finished = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    if (finished.has(file)) return;
    const start = path.indexOf(file);
    if (start >= 0) {
      cycles.push([...path.slice(start), file]);
      return;
    }
    path.push(file);
    for (const imported of graph.get(file) ?? []) visit(imported);
    path.pop();
    finished.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return cycles;
}

const graph = readImportGraph(REPOSITORY, ['entrypoints', 'components', 'models', 'utils']);

test('the import graph of the product has no cycle, type imports included', () => {
  expect(findCycles(graph).map((cycle) => cycle.join(' → '))).toEqual([]);
});

test('the graph holds every import of the product', () => {
  expect(graph.size).toBeGreaterThan(200);
  const imported = [...graph.values()].flat();
  expect(imported.length).toBeGreaterThan(graph.size);
  // Each name resolved to a file: a wrong resolution would hide cycles.
  expect(imported.filter((file) => !existsSync(join(REPOSITORY, file)))).toEqual([]);
});

test('a cycle is found, of one file, of values, and of types', () => {
  const graphOf = (imports: Record<string, readonly string[]>): ImportGraph =>
    new Map(Object.entries(imports));
  expect(findCycles(graphOf({ a: ['b'], b: ['c'], c: [] }))).toEqual([]);
  expect(findCycles(graphOf({ a: ['a'] }))).toEqual([['a', 'a']]);
  expect(findCycles(graphOf({ start: ['a'], a: ['b'], b: ['c', 'd'], c: ['a'], d: [] }))).toEqual([
    ['a', 'b', 'c', 'a'],
  ]);
  const { importedFiles } = ts.preProcessFile(
    "import type { A } from './a.ts'; export * from './b.ts'; const c = await import('./c.ts'); import D from './d.ts?worker';",
    true,
    true,
  );
  expect(importedFiles.map(({ fileName }) => fileName).toSorted()).toEqual([
    './a.ts',
    './b.ts',
    './c.ts',
    './d.ts?worker',
  ]);
});
