import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { vi } from 'vitest';
import { savePackages } from '../../src/db/packages.ts';
import { findPlatform, insertPlatform, updatePlatform } from '../../src/db/platforms.ts';
import { switchRelease } from '../../src/db/releases.ts';
import { findSite, renameSite, updateSite } from '../../src/db/sites.ts';
import { endTask, insertTask } from '../../src/db/task-changes.ts';
import { rootPaths, siteLogFolder } from '../../src/provision/model/paths.ts';
import type { HandOver } from '../../src/state/model/command.ts';
import { type ConsoleState, currentPage, type NewRoot, type PageKind } from '../../src/state/model/state.ts';
import type { ConsoleDeps } from '../../src/state/model/store.ts';
import { isOnTab } from '../../src/state/pages/definition.ts';
import { siteOnTab } from '../../src/state/pages/kinds/site.ts';
import { idUnderCursor, shownList } from '../../src/state/pages/list.ts';
import { type OpenStore, openStore, until } from './open-store.ts';
import { knowDrivers } from './quiet-times.ts';
import { registry } from './registry.ts';
import { type Seeded, writeLog } from './seed-inventory.ts';

/** What the console asked of the world beside it. */
export type Told =
  | { kind: 'hand'; what: HandOver }
  | { kind: 'suspend' }
  | { kind: 'copy'; text: string }
  | { kind: 'set up'; as: NewRoot }
  | { kind: 'probe' };

/** A console with something to do on every page, and what it tells the world. */
export interface Walk {
  open: OpenStore;
  told: Told[];
  /** Puts the tasks back as they were at first; false where they are so. */
  restore(): boolean;
}

/** Tasks that were queued together: one failed, two wait. */
export const BATCH = 'b47c4000-1111-4222-8333-944445555666';

const LOCKED = 'blog12.example.test';

/** Where each kind of page is found, the first with each of its tabs; the others are in other states. */
const ways: Record<PageKind, readonly string[]> = {
  home: [''],
  sites: ['sites'],
  platforms: ['platforms', 'platforms wp-6.8'],
  servers: ['servers'],
  tasks: ['tasks', 'tasks nothing-is-so'],
  backups: ['backups'],
  clients: ['clients'],
  site: ['site shop.example.test', 'site old.example.test', `site ${LOCKED}`],
  platform: ['platform wp-6.8', 'platform wp-6.9', 'platform wp-locked'],
  server: ['server server_master'],
  task: ['task 1', 'task 2', 'task 3'],
  backup: ['backup wiki.example.test-20261123T030100Z-2c3d4e'],
  compare: ['compare wp-6.8 wp-6.9'],
  batch: [`batch ${BATCH}`],
  log: ['site shop.example.test'],
  file: ['site shop.example.test'],
};

/** A page of the walk: its kind, the `:` line that leads there, its tab. */
export type Place = readonly [kind: PageKind, way: string, tab: number];

export const kinds = Object.keys(ways) as readonly PageKind[];

/** The pages of a kind, with each of its tabs. */
export const placesOf = (kind: PageKind): readonly Place[] =>
  (ways[kind] ?? []).flatMap((way, place) =>
    (registry.pages.get(kind)?.tabs ?? [''])
      .map((_, tab) => [kind, way, tab] as const)
      .slice(0, place === 0 ? undefined : 1),
  );

/** Opens a console in which there is something to do on every page; for `home` that of a machine that is not set up. */
export async function openWalk(kind: PageKind, asRoot = true): Promise<Walk> {
  vi.spyOn(process, 'getuid').mockReturnValue(asRoot ? 0 : 1000);
  const told: Told[] = [];
  const deps: Partial<ConsoleDeps> = {
    handOver: async (what) => {
      told.push({ kind: 'hand', what });
      return { read: false, said: '' };
    },
    runSetup: async (as) => {
      told.push({ kind: 'set up', as });
      return undefined;
    },
    probeServices: async () => {
      told.push({ kind: 'probe' });
      return [];
    },
    testServices: async () => [],
    planTask: async () => ({ problem: undefined, first: [], acts: [], notNeeded: [], log: [] }),
    newerProgram: () => '0.2.0-0123456789ab',
    findings: async () => [{ state: 'missing', title: 'Packages', message: 'nginx', hint: 'setup installs it' }],
  };
  if (kind === 'home') Object.assign(deps, { queue: undefined, paths: rootPaths('/nonexistent/aegir') });
  const open = await openStore(deps, 40, {
    stopProcess: async () => void told.push({ kind: 'suspend' }),
    copy: (text) => told.push({ kind: 'copy', text }) > 0,
  });
  furnish(open.seeded);
  open.press('ctrl-r');
  return { open, told, restore: keepTasks(open.seeded) };
}

/** Types a `:` line. */
export function typeLine({ store, press }: OpenStore, words: string): void {
  press(':');
  store.paste(words);
  press('enter');
}

/** Goes to a page as it is first seen: whatever was open, filtered or marked is left. */
export async function goTo({ open, told, restore }: Walk, [kind, way, tab]: Place): Promise<void> {
  const { press } = open;
  const { exit, withOptions } = open.store.getState();
  if (exit || withOptions) await open.again();
  for (let left = 0; left < 20 && open.store.getState().dialogs.length > 0; left += 1) press('esc');
  press('esc', 'esc', 'esc');
  if (restore()) press('ctrl-r');
  if (kind === 'home') {
    if (currentPage(open.store.getState()).kind !== 'home') await open.again();
    await until(() => open.store.getState().findings !== undefined);
  } else {
    typeLine(open, way);
    press('g', ...Array<string>(tabBefore(kind) ?? tab).fill('tab'));
    // Pages of logs and files have no word of their own.
    if (kind === 'file') writeShown(open);
    if (kind === 'log') await until(() => open.store.getState().data.siteLogs.length > 0);
    if (kind === 'file' || kind === 'log') press('enter');
    const page = currentPage(open.store.getState());
    if (page.kind !== kind || page.tab !== tab) throw new Error(`"${way}" leads to ${page.kind}, tab ${page.tab}`);
    await until(() => isRead(open.store.getState()));
  }
  told.splice(0);
}

/** The tab of a site from which pages of logs and files are opened. */
const tabBefore = (kind: PageKind): number | undefined =>
  kind === 'log' || kind === 'file' ? siteOnTab('', kind === 'log' ? 'logs' : 'settings').tab : undefined;

/** Writes the file whose name is under the cursor. */
function writeShown({ store }: OpenStore): void {
  const file = idUnderCursor(shownList(store.getState())) ?? '';
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, Array.from({ length: 40 }, (_, line) => `line ${line} of the file\n`).join(''));
}

/** A log is read, and a machine looked at, beside the screen. */
function isRead(state: ConsoleState): boolean {
  const { kind, name } = currentPage(state);
  const { whole, total } = state.data.log;
  if (kind === 'log' || kind === 'file' || (kind === 'task' && name === '2')) return whole && total > 0;
  return !isOnTab(state, 'server', 'doctor') || state.findings !== undefined;
}

/** Gives a seeded root what it lacks: a platform to move to, files, logs, a release to go back to, a batch. */
function furnish({ db, paths, running }: Seeded): void {
  knowDrivers(db);
  insertPlatform(db, { name: 'wp-6.9', server: 'server_master', root: '/srv', source: '', managed: false });
  updatePlatform(db, 'wp-6.9', { state: 'ready', engine: 'wordpress', version: '6.9', profiles: [] }, true);
  insertPlatform(db, { name: 'wp-locked', server: 'server_master', root: '/s', source: '', managed: false });
  updatePlatform(db, 'wp-locked', { state: 'ready', engine: 'wordpress', version: '6.9', lockReason: 'held' }, true);
  updateSite(db, 'old.example.test', { web: { serving: 'disabled' } });
  updateSite(db, LOCKED, { lockReason: 'held' });
  const akismet = { kind: 'plugin', name: 'akismet', title: 'Akismet', version: '5.3' };
  savePackages(db, { platformId: findPlatform(db, 'wp-6.9')?.id ?? 0 }, [akismet]);
  const shop = findSite(db, 'shop.example.test');
  if (!shop) throw new Error('the seed has no shop.example.test');
  savePackages(db, { siteId: shop.id }, [akismet]);
  renameSite(db, shop.uri, { uri: shop.uri, aliases: ['www.shop.example.test'] });
  const database = `${shop.databaseName}n`;
  switchRelease(db, shop.id, { number: 2, database, platform: shop.platform }, '2099-01-01T00:00:00.000Z');
  const settings = join(paths.etc, 'sites', shop.handle);
  const logs = siteLogFolder(paths, shop.handle);
  for (const folder of [settings, logs]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(settings, 'local.vhost.conf'), '');
  const lines = Array.from(
    { length: 40 },
    (_, line) => `2026/11/23 10:00:00 [${line % 8 === 7 ? 'error' : 'notice'}] 1#1: line ${line} of the site`,
  );
  writeFileSync(join(logs, 'error.log'), `${lines.join('\n')}\n`);
  writeLog(paths, running, ['an error', 'a line of the end', 'one more error', 'the last line of it']);
  const task = (objectName: string, batch?: string) =>
    insertTask(db, {
      type: 'site.backup',
      objectKind: 'site',
      objectName,
      args: {},
      secrets: {},
      timeLimitS: 9,
      batch,
    });
  endTask(db, task('blog6.example.test'), { state: 'failed', unfinished: 'files are left' });
  endTask(db, task('new8.example.test', BATCH), { state: 'failed' });
  task('shop10.example.test', BATCH);
  task('wiki11.example.test', BATCH);
}

/** Remembers the tasks as they are; the function that it gives puts them back. */
function keepTasks({ db }: Seeded): () => boolean {
  const changes = (): number => Number(db.prepare('SELECT total_changes()').pluck().get());
  const columns = ['state', 'cancel_requested_at', 'recover_requested_at', 'ended_at', 'unfinished'];
  const kept = db.prepare<[], { id: number }>(`SELECT id, ${columns.join(', ')} FROM task`).all();
  const last = Math.max(...kept.map(({ id }) => id));
  const put = db.prepare(`UPDATE task SET ${columns.map((name) => `${name} = @${name}`).join(', ')} WHERE id = @id`);
  let seen = changes();
  return () => {
    if (changes() === seen) return false;
    db.prepare('DELETE FROM audit WHERE task_id > ?').run(last);
    db.prepare('DELETE FROM task WHERE id > ?').run(last);
    for (const row of kept) put.run(row);
    seen = changes();
    return true;
  };
}
