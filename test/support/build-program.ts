import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Builds the program before the first test, which does nothing where it is newer than its sources. */
export function setup(): void {
  execFileSync(process.execPath, [join(import.meta.dirname, '../../scripts/build.mjs')], { stdio: 'inherit' });
}
