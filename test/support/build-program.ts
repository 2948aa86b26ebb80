import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the console's test program of this run is built by whoever needs it first (`build-console.ts`). */
    consoleFolder: string;
  }
}

const project = join(import.meta.dirname, '../..');

/** Builds the program before the first test, which does nothing where it is newer than its sources. */
export function setup({ provide }: TestProject): () => void {
  execFileSync(process.execPath, [join(project, 'scripts/build.mjs')], { stdio: 'inherit' });
  // Inside the project, so that the compiled package that stays outside of the bundle is found.
  const consoleFolder = mkdtempSync(join(project, 'node_modules/.console-test-'));
  provide('consoleFolder', consoleFolder);
  return () => rmSync(consoleFolder, { recursive: true, force: true });
}
