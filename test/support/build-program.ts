import { execFileSync } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the console's test program of this run is built by whoever needs it first (`build-console.ts`). */
    consoleFolder: string;
  }
}

const project = join(import.meta.dirname, '../..');

const PREFIX = '.console-test-';
const DAY_MS = 24 * 3600 * 1000;

/** Removes what a killed run has left; no run takes a day. */
function sweep(packages: string): void {
  for (const name of readdirSync(packages).filter((candidate) => candidate.startsWith(PREFIX))) {
    const made = lstatSync(join(packages, name), { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - made > DAY_MS) rmSync(join(packages, name), { recursive: true, force: true });
  }
}

/** Builds the program before the first test, which does nothing where it is newer than its sources. */
export function setup({ provide }: TestProject): () => void {
  execFileSync(process.execPath, [join(project, 'scripts/build.mjs')], { stdio: 'inherit' });
  // Inside the project, so that the compiled package that stays outside of the bundle is found.
  const packages = join(project, 'node_modules');
  sweep(packages);
  const consoleFolder = mkdtempSync(join(packages, PREFIX));
  provide('consoleFolder', consoleFolder);
  return () => rmSync(consoleFolder, { recursive: true, force: true });
}
