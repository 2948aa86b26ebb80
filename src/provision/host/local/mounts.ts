import { readFileSync } from 'node:fs';
import { AegirError } from '../../model/errors.ts';

/**
 * Refuses a tree that contains a mount point, bind mounts included: removing or changing it would affect other data.
 * Throws `TREE_MOUNTED` with the first mount point.
 */
export function refuseMounts(path: string): void {
  const [mounted] = mountPoints().filter((point) => point === path || point.startsWith(`${path}/`));
  if (mounted === undefined) return;
  throw new AegirError(
    'TREE_MOUNTED',
    `another file system is mounted on ${mounted}`,
    `Unmount it first: umount ${mounted}`,
  );
}

/** Mount points of this machine: the fifth field of mountinfo, which escapes some characters in octal; see proc(5). */
function mountPoints(): string[] {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[4] ?? '')
      .map((field) => Buffer.from(unquoteOctal(field), 'latin1').toString('utf8'));
  } catch {
    return [];
  }
}

const unquoteOctal = (field: string): string =>
  Buffer.from(field, 'utf8')
    .toString('latin1')
    .replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
