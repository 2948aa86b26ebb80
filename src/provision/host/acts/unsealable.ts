import { AegirError } from '../../model/errors.ts';
import { lastOutput, runCommand } from '../local/exec.ts';

/**
 * Refuses a tree that must not be given to root: one with devices, sockets or pipes, or with a hard link to a file
 * outside of the tree, whose owner and mode would change too. Throws `TREE_UNSAFE` with the first path at fault.
 */
export async function refuseUnsealable(path: string): Promise<void> {
  const strange = await find([path, '!', '-type', 'f', '!', '-type', 'd', '!', '-type', 'l', '-print0']);
  if (strange[0] !== undefined) unsafe(strange[0], 'is neither a file, a folder nor a link');
  const linked = await find([path, '-type', 'f', '-links', '+1', '-printf', '%i %n %p\\0']);
  const names = new Map<string, { count: number; found: number; path: string }>();
  for (const line of linked) {
    const [inode = '', count = '', ...rest] = line.split(' ');
    const found = (names.get(inode)?.found ?? 0) + 1;
    names.set(inode, { count: Number(count), found, path: rest.join(' ') });
  }
  for (const { count, found, path: file } of names.values()) {
    if (found < count) unsafe(file, 'has a hard link outside of its tree');
  }
}

async function find(args: string[]): Promise<string[]> {
  const result = await runCommand({ file: 'find', args: ['-P', ...args] });
  if (result.code !== 0) {
    throw new AegirError('TREE_FAILED', `find failed: ${lastOutput(result)}`, 'Check the disk and the permissions.');
  }
  return result.stdout.split('\0').filter((entry) => entry !== '');
}

function unsafe(path: string, why: string): never {
  throw new AegirError('TREE_UNSAFE', `${JSON.stringify(path)} ${why}`, 'Remove it from the code base and try again.');
}
