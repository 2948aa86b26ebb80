import { AegirError } from '../../model/errors.ts';
import { lastWords, runCommand } from '../local/exec.ts';

/**
 * Refuses a tree that must not be given to root: one with devices, sockets or pipes, and one with a file that has
 * a second name outside the tree (a hard link), since a change of owner or mode would change that one too. Throws
 * `TREE_UNSAFE` with the first path at fault.
 */
export async function refuseUnsealable(path: string): Promise<void> {
  const strange = await find([path, '!', '-type', 'f', '!', '-type', 'd', '!', '-type', 'l', '-print0']);
  if (strange[0] !== undefined) unsafe(strange[0], 'is neither file, folder nor link');
  const linked = await find([path, '-type', 'f', '-links', '+1', '-printf', '%i %n %p\\0']);
  const names = new Map<string, { count: number; found: number; path: string }>();
  for (const line of linked) {
    const [inode = '', count = '', ...rest] = line.split(' ');
    const found = (names.get(inode)?.found ?? 0) + 1;
    names.set(inode, { count: Number(count), found, path: rest.join(' ') });
  }
  for (const { count, found, path: file } of names.values()) {
    if (found < count) unsafe(file, 'has a second name outside of its tree');
  }
}

async function find(args: string[]): Promise<string[]> {
  const result = await runCommand({ file: 'find', args: ['-P', ...args] });
  if (result.code !== 0) {
    throw new AegirError('TREE_FAILED', `find failed: ${lastWords(result)}`, 'See the disk and its rights.');
  }
  return result.stdout.split('\0').filter((entry) => entry !== '');
}

function unsafe(path: string, why: string): never {
  throw new AegirError('TREE_UNSAFE', `${JSON.stringify(path)} ${why}`, 'Take it out of the code base and try again.');
}
