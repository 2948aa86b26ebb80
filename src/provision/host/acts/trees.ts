import { lstatSync, mkdirSync, readdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AegirError } from '../../errors.ts';
import { accountOf } from '../accounts.ts';
import { runAsUser, stopUser } from '../as-user.ts';
import { lastWords, runCommand } from '../exec.ts';
import { checkParents, checkPath, ownFolders, type Policy, refuse } from '../policy.ts';
import { defineAct } from './act.ts';

export const treeRemove = defineAct('tree.remove', {
  args: z.object({ path: z.string(), as: z.string().optional() }),
  describe: ({ path, as }) => `remove ${path}${as ? `, what ${as} owns as ${as}` : ''}`,
  async run({ path, as }, policy) {
    checkTree(policy, path);
    if (!lstatSync(path, { throwIfNoEntry: false })) return { removed: false };
    if (as !== undefined && accountOf(as)) {
      await stopUser(policy, as);
      await removeAsUser(path, as, policy);
    }
    // With its user's processes ended, nobody can change the tree while root takes the rest away.
    removeTree(path);
    return { removed: true };
  },
});

export const treeSeal = defineAct('tree.seal', {
  args: z.object({ path: z.string() }),
  describe: ({ path }) => `give ${path} to root, to be read by all and written by root alone`,
  async run({ path }, policy) {
    checkTree(policy, path);
    checkParents(path);
    await mustRun('chown', ['--recursive', '--no-dereference', 'root:root', '--', path]);
    await mustRun('chmod', ['--recursive', 'u=rwX,go=rX', '--', path]);
  },
});

export const treeRename = defineAct('tree.rename', {
  args: z.object({ from: z.string(), to: z.string() }),
  describe: ({ from, to }) => `rename ${from} to ${to}`,
  async run({ from, to }, policy) {
    checkTree(policy, from);
    checkTree(policy, to);
    checkParents(from);
    checkParents(to);
    // A rename that was done before a crash is done.
    if (!lstatSync(from, { throwIfNoEntry: false }) && lstatSync(to, { throwIfNoEntry: false })) return;
    // An empty folder holds the name: rename(2) would replace it silently, a full one is refused by the kernel.
    mkdirIfFree(to);
    renameSync(from, to);
  },
});

/** Trees are whole platforms, homes, log folders: never one of the program's own top folders. */
function checkTree(policy: Policy, path: string): void {
  checkPath(policy, path);
  const tops = [...ownFolders(policy), ...Object.values(policy.paths)];
  if (tops.includes(path)) refuse(`${path} is a folder of the program itself`);
}

function mkdirIfFree(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })) {
    throw new AegirError('FOLDER_EXISTS', `${path} exists already`, 'Move it away and try again.');
  }
  mkdirSync(path);
}

/** Lets the site's user remove what it can; what it cannot is root's own and goes after. */
async function removeAsUser(path: string, user: string, policy: Policy): Promise<void> {
  for (const folder of ownedBy(path, accountOf(user)?.uid)) {
    const args = [
      '--recursive',
      '--force',
      '--one-file-system',
      '--',
      ...readdirSync(folder).map((name) => join(folder, name)),
    ];
    if (args.length === 4) continue;
    await runAsUser(policy, user, { file: 'chmod', args: ['-R', 'u+rwX', '--', folder], cwd: '/' });
    await runAsUser(policy, user, { file: 'rm', args, cwd: '/' });
  }
}

/** The highest folders below a path that a user owns; walks root's own folders alone. */
function ownedBy(path: string, uid: number | undefined): string[] {
  const fact = lstatSync(path);
  if (!fact.isDirectory()) return [];
  if (fact.uid === uid) return [path];
  return fact.uid === 0 ? readdirSync(path).flatMap((name) => ownedBy(join(path, name), uid)) : [];
}

/** Removes a tree without following a link. */
function removeTree(path: string): void {
  const fact = lstatSync(path, { throwIfNoEntry: false });
  if (!fact) return;
  if (!fact.isDirectory()) return unlinkSync(path);
  for (const name of readdirSync(path)) removeTree(join(path, name));
  rmdirSync(path);
}

async function mustRun(file: string, args: string[]): Promise<void> {
  const result = await runCommand({ file, args });
  if (result.code !== 0)
    throw new AegirError('TREE_FAILED', `${file} failed: ${lastWords(result)}`, 'See the disk and its rights.');
}
