import { spawnSync } from 'node:child_process';
import { basename, join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { findSite } from '../../src/db/sites.ts';
import type { TaskRow } from '../../src/db/tasks.ts';
import { openStackRoot, type StackRoot } from '../support/inventory.ts';
import { copyOf, debianTree, givenTrees } from '../support/platforms.ts';
import { runTask } from '../support/run-task.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { type Look, look } from './look.ts';

/** One code base that is tried: its name, its engine, and how a test gets a copy of it. */
export interface Code {
  name: string;
  engine: 'wordpress' | 'spip' | 'drupal';
  tree(root: string): Promise<string>;
}

/** What is tried: Debian's packages, and trees of a CMS that has none. */
export const codes: Code[] = [
  { name: 'wordpress', engine: 'wordpress', tree: (root) => debianTree(root, 'wordpress') },
  { name: 'spip', engine: 'spip', tree: (root) => debianTree(root, 'spip', 'trixie') },
  ...givenTrees().map((path) => ({
    name: basename(path),
    engine: 'drupal' as const,
    tree: async (root: string) => copyOf(root, path),
  })),
];

/** A server of its own with one code base on two platforms and a site with content, on a disk of its own. */
export interface World {
  code: Code;
  stack: Stack;
  root: StackRoot;
  /** The code base. */
  tree: string;
  /** The same code once more, for what goes to another platform. */
  otherTree: string;
  run(type: string, object: string, args?: Record<string, unknown>): Promise<TaskRow>;
  look(): Promise<Look>;
  close(): Promise<void>;
}

export const MAIN = 'main.example.test';
/** All that sites of a world are ever called; each is asked for. */
export const NAMES = [MAIN, ...['new', 'copy', 'gone', 'moved', 'alias', 'home'].map((name) => `${name}.example.test`)];
/** Room for three trees and for what the tasks make of them. */
const disks: Record<Code['engine'], string> = { wordpress: '900m', spip: '900m', drupal: '2500m' };

/** Makes a world. Needs root and the services; where it may not mount, its disk cannot be filled. */
export async function openWorld(code: Code): Promise<World> {
  const stack = await startStack({ disk: disks[code.engine] });
  const root = openStackRoot(stack);
  const world: World = {
    code,
    stack,
    root,
    tree: '',
    otherTree: '',
    run: (type, object, args) => runTask(root, type, object, args),
    look: () => look(world),
    async close() {
      root.inventory.close();
      await stack.stop();
    },
  };
  try {
    world.tree = await code.tree(stack.root);
    world.otherTree = await code.tree(stack.root);
    await must(world, 'platform.add', 'code', { from: `path:${world.tree}` });
    await must(world, 'platform.add', 'other', { from: `path:${world.otherTree}` });
    await must(world, 'site.install', MAIN, INSTALL);
    await write(world, MAIN, 'first');
    // What its first verify finds out is there from the beginning.
    await must(world, 'site.verify', MAIN);
    await must(world, 'site.set', MAIN, { cron: 15 });
  } catch (error) {
    await world.close();
    throw error;
  }
  return world;
}

export const INSTALL = { platform: 'code', title: 'Matrix', adminMail: 'a@example.test' };

/** Runs a task that has to succeed. */
export async function must(
  world: World,
  type: string,
  object: string,
  args: Record<string, unknown> = {},
): Promise<TaskRow> {
  const task = await world.run(type, object, args);
  if (task.state === 'succeeded') return task;
  throw new Error(`${type} ${object} ${task.state}: ${JSON.stringify(task.error)} ${task.unfinished ?? ''}`);
}

/** Where a CMS keeps a file of people, and the SQL that names its site. */
const places: Record<Code['engine'], { folder: string; retitle(words: string, url: string): string[] }> = {
  wordpress: {
    folder: 'data/files/2026',
    retitle: (words, url) => [
      `UPDATE wp_options SET option_value = '${words}' WHERE option_name = 'blogdescription'`,
      `UPDATE wp_posts SET post_content = '${words}: see ${url}/page' WHERE ID = 1`,
    ],
  },
  spip: {
    folder: 'data/files/IMG',
    retitle: (words, url) => [
      `UPDATE spip_meta SET valeur = '${words}: see ${url}/page' WHERE nom = 'descriptif_site'`,
    ],
  },
  drupal: {
    folder: 'data/files/2026',
    retitle: (words, url) => [
      `CREATE TABLE IF NOT EXISTS matrix (id INT PRIMARY KEY, words TEXT)`,
      `REPLACE INTO matrix VALUES (1, '${words}: see ${url}/page')`,
    ],
  },
};

/** Gives a site content as its people would: a file, and words in the database. */
export async function write(world: World, uri: string, words: string): Promise<void> {
  const { handle: user } = findSite(world.root.inventory, uri) ?? { handle: '' };
  const { folder, retitle } = places[world.code.engine];
  const home = join(world.stack.paths.sites, user);
  const script = 'mkdir -p "$1" && echo "$2" > "$1/words.txt"';
  const args = ['-c', script, 'sh', join(home, folder), words];
  const { code, stderr } = await world.stack.host.act('user.run', { user, file: 'sh', args, cwd: '/' });
  if (code !== 0) throw new Error(stderr);
  for (const sql of retitle(words, `http://${uri}:${world.stack.port}`)) await query(world, uri, sql);
  // What the CMS has kept of it.
  spawnSync('find', ['releases', '-path', 'releases/*/tmp/*', '-delete'], { cwd: home });
}

/** Asks the database of a site as root. */
export async function query(world: World, uri: string, sql: string): Promise<void> {
  const service = world.stack.server.services.find(({ kind }) => kind === 'db');
  const database = findSite(world.root.inventory, uri)?.databaseName ?? '';
  const db = await createConnection({ socketPath: String(service?.settings.socket), user: 'root', database });
  try {
    await db.query(sql);
  } finally {
    await db.end();
  }
}
