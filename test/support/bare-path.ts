import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** A folder for PATH, below another one, with links to these programs of the machine and nothing else. */
export function barePath(home: string, programs: readonly string[]): string {
  const bin = join(home, 'bin');
  mkdirSync(bin);
  for (const program of programs) {
    const path = execFileSync('/bin/sh', ['-c', 'command -v -- "$1"', 'sh', program], { encoding: 'utf8' }).trim();
    symlinkSync(path, join(bin, program));
  }
  return bin;
}
