import { existsSync, lstatSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { type Inventory, openInventory } from '../db/inventory.ts';
import { AegirError } from '../provision/model/errors.ts';
import { type RootPaths, rootPaths, SERVER_ROOT } from '../provision/model/paths.ts';
import type { Program } from '../provision/program.ts';

/** The files of a root: their paths, and the open inventory. */
export interface RootFiles {
  paths: RootPaths;
  inventory: Inventory;
}

/** An open root, with the program that works in it. */
export interface Root extends RootFiles {
  program: Program;
}

/**
 * The root folder to use: `--root`, else `AEGIR_ROOT`, else the server's for root and `$XDG_DATA_HOME/aegir` for an
 * ordinary user. As root, `XDG_*` is ignored, and the folder and all its parents must be owned by root. Throws
 * `ROOT_INVALID`, `ROOT_UNSAFE`.
 */
export function chooseRoot(named: string | undefined, env: NodeJS.ProcessEnv = process.env): RootPaths {
  const asRoot = process.getuid?.() === 0;
  const chosen = named ?? env.AEGIR_ROOT;
  const fallback = asRoot ? SERVER_ROOT : join(env.XDG_DATA_HOME || join(homedir(), '.local/share'), 'aegir');
  const root = resolve(chosen ?? fallback);
  if (chosen !== undefined && !isAbsolute(chosen)) {
    throw new AegirError(
      'ROOT_INVALID',
      `the root "${chosen}" is not an absolute path`,
      'Start it with a slash.',
      'root',
    );
  }
  if (asRoot) refuseUnsafe(root);
  return rootPaths(root);
}

/** Opens a root folder for a program. */
export const openRoot = (paths: RootPaths, program: Program): Root => ({ ...openRootFiles(paths), program });

/** Opens a root folder, creating its inventory if missing. Its other folders are created by setup. */
export function openRootFiles(paths: RootPaths): RootFiles {
  if (!existsSync(paths.root)) mkdirSync(paths.root, { recursive: true, mode: 0o711 });
  return { paths, inventory: openInventory(paths.inventory) };
}

/** True if the root folder has an inventory; otherwise the console shows the page of a new machine. */
export const rootExists = (paths: RootPaths): boolean => existsSync(paths.inventory);

function refuseUnsafe(root: string): void {
  for (let folder = root; ; folder = dirname(folder)) {
    if (existsSync(folder)) {
      const { uid, mode } = lstatSync(folder);
      const sticky = (mode & 0o1000) !== 0;
      if (uid !== 0 || ((mode & 0o022) !== 0 && !sticky)) {
        throw new AegirError(
          'ROOT_UNSAFE',
          `${folder} is owned by user ${uid} with mode ${(mode & 0o7777).toString(8)}, so users other than root can change it`,
          `Use a folder that only root can change, or: chown root ${folder} && chmod go-w ${folder}`,
          'root',
        );
      }
    }
    if (folder === dirname(folder)) return;
  }
}
