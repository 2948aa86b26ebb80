import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { listBackups } from '../../src/db/backups.ts';
import { deleteBackup } from '../../src/worker/backups.ts';
import { editVhost, openFiles } from './strange.ts';
import { MAIN, must, query, type World } from './world.ts';

/** How one task is tried: on what, with which arguments, and the way back to where it began. */
export interface Entry {
  type: string;
  /** Beside the type, where one is tried in several ways. */
  as?: string;
  object: string;
  args?(world: World): Record<string, unknown>;
  /** Brings the world to where the task begins; done once before its first run. */
  prepare?(world: World): Promise<void>;
  /** Brings a world in which the task was done back to where it began. */
  back?(world: World): Promise<void>;
  /** Done again, it makes another, or goes the other way. */
  adds?: boolean;
  /** Facts that it mends for good, also when it fails afterwards. */
  mends?: RegExp;
  /** Takes away what `prepare` has made; done once after its last run. */
  end?(world: World): Promise<void>;
}

export const COPY = 'copy.example.test';
export const GONE = 'gone.example.test';
export const NEW = 'new.example.test';
export const MOVED = 'moved.example.test';
export const ALIAS = 'alias.example.test';

export const remove = (uri: string) => async (world: World) => void (await must(world, 'site.delete', uri));
export const does =
  (type: string, args: Record<string, unknown> = {}, object: string = MAIN) =>
  async (world: World) =>
    void (await must(world, type, object, args));
/** A site to delete; a copy is there sooner than a site installed. */
export const copyToGone = does('site.clone', { source: MAIN }, GONE);
export const oldest = (world: World): string => listBackups(world.root.inventory).at(-1)?.name ?? '';

/** Removes all backups but the oldest ones. */
export async function keepBackups(world: World, count: number): Promise<void> {
  for (const { name } of listBackups(world.root.inventory).slice(0, -count || undefined))
    await deleteBackup(world.root.queue, name);
}
export const backUp = does('site.backup');
export const noBackups = (world: World) => keepBackups(world, 0);

/** The database as an earlier version of the code has left it. */
export const outdated: Record<World['code']['engine'], string> = {
  wordpress: "UPDATE wp_options SET option_value = '49752' WHERE option_name = 'db_version'",
  spip: "UPDATE spip_meta SET valeur = valeur - 1, impt = 'oui' WHERE nom = 'version_installee'",
  drupal: "UPDATE key_value SET value = 'i:10101;' WHERE collection = 'system.schema' AND name = 'system'",
};
export const outdate = (world: World, uri = MAIN) => query(world, uri, outdated[world.code.engine]);

/** The code of the world as an archive. */
export const archiveOf = (world: World): string => join(world.stack.root, 'cache', 'code.tar');
export async function packCode(world: World): Promise<void> {
  const pack = ['-cf', archiveOf(world), '-C', world.otherTree, '--transform=s,^\\.,code,S', '.'];
  const { status, stderr } = spawnSync('tar', pack, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

export async function changeByHand(world: World): Promise<void> {
  await editVhost(world);
  await openFiles(world);
}
