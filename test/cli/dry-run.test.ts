import { createHash } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { commandPath } from '../../src/cli/dry-run.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { insertClient } from '../../src/db/clients.ts';
import { openInventoryForReading } from '../../src/db/inventory.ts';
import { listSteps, markStep, saveStep } from '../../src/db/journal.ts';
import { saveServer } from '../../src/db/servers.ts';
import { insertTask, startTask } from '../../src/db/task-changes.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import { beginJournal } from '../../src/worker/run-journal.ts';
import { runWordsHere, type Said } from '../support/run-words.ts';
import { type Seeded, seedInventory } from '../support/seed-inventory.ts';

const BACKUP = 'shop.example.test-20261123T030000Z-1b2c3d';
let folder = '';
let root = '';
let seeded: Seeded;
let queued = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegtest-dry-'));
  chmodSync(folder, 0o755);
  root = join(folder, 'root');
  const env = { HOME: folder, EDITOR: '/bin/true', XDG_STATE_HOME: join(folder, 'state') };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  seeded = seedInventory(root);
  const service = { binary: '/bin/true', conf: join(root, 'conf'), pidFile: join(root, 'pid'), unit: '' };
  const fpm = { ...service, commandLine: '/bin/true', branch: '8.2' };
  saveServer(seeded.db, {
    ...{ name: 'server_master', handlePrefix: 'aegtest', uidBase: 60_000, webUser: 'www-data' },
    services: [
      { kind: 'http', driver: 'nginx', version: '1.22.1', settings: { ...service, listen: ['8088'] } },
      { kind: 'php', driver: 'fpm', version: '8.2', settings: fpm },
      { kind: 'db', driver: 'mariadb', version: '10.11', settings: { ...service, socket: join(root, 'socket') } },
    ],
  });
  const facts = { mail: '', maxSites: null, maxDiskBytes: null };
  insertClient(seeded.db, { name: 'ann', ...facts });
  const task = { objectKind: 'site' as const, objectName: 'shop.example.test', args: {}, secrets: {}, timeLimitS: 100 };
  queued = insertTask(seeded.db, { type: 'site.cron', ...task });
  const left = 'could not drop its database';
  seeded.db.prepare('UPDATE task SET unfinished = ? WHERE id = ?').run(left, seeded.failed);
  for (const place of ['platforms/wp-6.8', 'platforms/spip-4.4', 'platforms/drupal-10.5'])
    mkdirSync(join(root, place), { recursive: true });
  seedBackup(join(root, 'backups', BACKUP));
});

afterAll(() => {
  vi.unstubAllEnvs();
  seeded.db.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What each command is given beside --dry-run: enough that without it, it would act. */
const given: Record<string, () => string[]> = {
  'site install': () => ['fresh.example.test', '--platform', 'wp-6.8', '--admin-mail', 'a@example.test'],
  'site clone': () => ['fresh.example.test', '--source', 'blog.example.test'],
  'site import': () => ['fresh.example.test', '--platform', 'drupal-10.5', '--backup', BACKUP],
  'site restore': () => ['shop.example.test', '--backup', BACKUP],
  'site migrate': () => ['blog.example.test', '--platform', 'wp-6.8'],
  'site rename': () => ['blog.example.test', '--to', 'other.example.test'],
  'server restart': () => ['--service', 'http'],
  'site alias': () => ['blog.example.test', '--add', 'more.example.test'],
  'site enable': () => ['old.example.test'],
  'site exec': () => ['blog.example.test', '--', 'touch', join(folder, 'made')],
  'site edit': () => ['blog.example.test', 'pool'],
  'site log': () => ['blog.example.test'],
  'platform add': () => ['more', '--from', 'debian:wordpress'],
  'platform compare': () => ['wp-6.8', 'drupal-10.5'],
  'platform migrate': () => ['wp-6.8', 'drupal-10.5'],
  'server show': () => ['server_master'],
  'client add': () => ['bob', '--mail', 'bob@example.test'],
  'client edit': () => ['ann', '--mail', 'ann@example.test'],
  'client list': () => [],
  'backup list': () => [],
  'backup rebuild': () => [],
  'backup export': () => [BACKUP, join(folder, 'made.tar')],
  'backup import': () => [join(folder, 'made.tar')],
  'backup inventory restore': () => ['inventory-20260801T030000Z.sqlite'],
  'task cancel': () => [String(queued)],
  'task retry': () => [String(seeded.failed)],
  'task recover': () => [String(seeded.failed)],
  'task show': () => [String(seeded.failed)],
  'task log': () => [String(seeded.failed)],
  try: () => ['--detach'],
  completion: () => ['bash'],
  complete: () => ['site'],
};
const ofGroup: Record<string, string[]> = {
  site: ['blog.example.test'],
  platform: ['wp-6.8'],
  client: ['ann'],
  backup: [BACKUP],
};

/** A backup as it lies on the disk; what it holds is not read. */
function seedBackup(place: string): void {
  mkdirSync(place, { recursive: true });
  const part = { bytes: 10, fileBytes: 10, sha256: '' };
  const site = {
    ...{ uri: 'shop.example.test', aliases: [], title: 'Shop', profile: 'standard', language: 'en', client: 'admin' },
    ...{ admin: { name: 'admin', mail: 'a@example.test' }, php: {}, web: {} },
    ...{ home: '/srv/aeg1', url: 'http://shop.example.test' },
  };
  const manifest = {
    ...{ format: 1, name: BACKUP, createdAt: '2026-11-23T03:00:00Z', description: '', site },
    platform: { name: 'drupal-10.5', engine: 'drupal', version: '10.5.2', source: 'path:/srv/drupal' },
    ...{ databaseDriver: 'mariadb', packages: [], database: part, files: part, settings: {} },
  };
  writeFileSync(join(place, 'manifest.json'), JSON.stringify(manifest));
  for (const name of ['database.zst', 'files.tar.zst']) writeFileSync(join(place, name), '');
}

function wordsFor(command: string): string[] {
  const own = given[command]?.();
  const [group = '', verb = ''] = command.split(' ');
  const object = verb === 'list' || command.startsWith('backup inventory') ? [] : (ofGroup[group] ?? []);
  const rest = own ?? object;
  return [...command.split(' '), '--dry-run', '--yes', '--wait', '--confirm', rest[0] ?? '', ...rest];
}

const aegir = (...words: string[]): Promise<Said> => runWordsHere('--root', root, ...words);

/** Every row of the inventory, and every other file below the folder. */
function world(): unknown {
  const db = openInventoryForReading(join(root, 'inventory.sqlite'));
  if (!db) throw new Error('the inventory is gone');
  const names = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck();
  const rows = names.all().map((name) => [name, db.prepare(`SELECT * FROM "${name}"`).all()]);
  db.close();
  return { rows, files: filesBelow(folder) };
}

const filesBelow = (place: string): string[] =>
  readdirSync(place)
    .sort()
    .flatMap((name) => {
      const path = join(place, name);
      const fact = lstatSync(path);
      if (fact.isDirectory()) return [`${path}/`, ...filesBelow(path)];
      // The inventory is compared by its rows: reading it may tidy its journal. Who is the worker is asked by a lock.
      if (/^(inventory\.sqlite|worker\.lock)/.test(name)) return [];
      const text = fact.isFile() ? readFileSync(path) : '';
      return [`${path} ${fact.mtimeMs} ${createHash('sha1').update(text).digest('hex')}`];
    });

const leaves = (command: Command): string[] =>
  command.commands.length === 0 ? [commandPath(command)] : command.commands.flatMap(leaves);
const all = leaves(buildProgram('0', () => async () => {}, standardProgram));

describe('with --dry-run', () => {
  it('every command of the program is tried', () => {
    expect(all.length).toBeGreaterThan(60);
    const tasks = standardProgram.tasks.list.map(({ type }) => type.replace('.', ' '));
    expect(tasks.filter((words) => !all.includes(words))).toEqual([]);
    expect(Object.keys(given).filter((words) => !all.includes(words))).toEqual([]);
  });

  it.each(all)('%s changes nothing, and says what it would do or refuses', async (command) => {
    const before = world();
    const { status, stdout, stderr } = await aegir(...wordsFor(command));
    expect(world()).toEqual(before);
    // 1 is what doctor says of a machine that is not as it should be, 4 what is said where there is no such log or copy.
    const more: Record<string, number> = { doctor: 1, 'site log': 4, 'backup inventory restore': 4 };
    expect([0, 2, 3, more[command]]).toContain(status);
    expect(`${stdout}${stderr}`).not.toMatch(/INTERNAL|ARGUMENT_INVALID|error: /);
    if (status === 2) expect(stderr).toMatch(/^aegir: USAGE aegir .* has no --dry-run: .* Nothing was done/);
  });

  it.each([
    ['backup delete', [`would remove ${'ROOT'}/backups/${BACKUP}`, `would remove the backup ${BACKUP}`]],
    ['backup export', ['would write', 'made.tar']],
    ['backup inventory save', ['would copy the inventory into']],
    ['client add', ['would add client bob']],
    ['client edit', ['would change client ann']],
    ['client remove', ['would remove client ann']],
    ['task cancel', ['would remove task', 'from the queue']],
    ['task recover', ['would retry: could not drop its database']],
  ])('%s says what it would do', async (command, lines) => {
    const { status, stdout } = await aegir(...wordsFor(command));
    for (const line of lines) expect(stdout).toContain(line.replace('ROOT', root));
    expect(stdout).toContain('Nothing was changed: this is what would be done.');
    expect(status).toBe(0);
    const { would } = JSON.parse((await aegir(...wordsFor(command), '--json')).stdout) as { would: string[] };
    expect(would.length).toBeGreaterThan(0);
  });

  it('a running task that would be cancelled names what would be undone, and no step that has not begun', async () => {
    const definition = standardProgram.tasks.of('site.migrate');
    const task = { type: definition.type, objectKind: 'site', objectName: 'shop.example.test' } as const;
    const id = insertTask(seeded.db, { ...task, args: {}, secrets: {}, timeLimitS: 100 });
    startTask(seeded.db, id, {});
    beginJournal(seeded.db, id, definition);
    const seqs = new Map(listSteps(seeded.db, id).map(({ name, seq }) => [name, seq]));
    const seqOf = (name: string): number => seqs.get(name) ?? Number.NaN;
    for (const name of ['used', 'release', 'settings', 'links']) markStep(seeded.db, id, seqOf(name), 'done');
    markStep(seeded.db, id, seqOf('hold'), 'running');
    // A step that noted nothing has changed nothing: "links" found all as it should be.
    for (const name of ['release', 'hold']) saveStep(seeded.db, id, seqOf(name), {});
    const said = (await aegir('task', 'cancel', String(id), '--dry-run', '--json')).stdout;
    expect((JSON.parse(said) as { would: string[] }).would).toEqual([
      `stop task ${id} site.migrate shop.example.test`,
      'undo: Show visitors a maintenance page',
      'undo: Make the next release beside this one',
    ]);
  });

  it('what would be refused is refused', async () => {
    expect((await aegir('task', 'cancel', String(seeded.failed), '--dry-run')).stderr).toContain('TASK_ENDED');
    expect((await aegir('task', 'retry', String(queued), '--dry-run')).stderr).toContain('TASK_NOT_FAILED');
    expect((await aegir('task', 'recover', String(queued), '--dry-run')).stderr).toContain('TASK_WHOLE');
    expect((await aegir('backup', 'delete', 'none', '--dry-run')).stderr).toContain('NO_SUCH_OBJECT');
    expect((await aegir('backup', 'export', BACKUP, '/etc/passwd', '--dry-run')).stderr).toContain('FILE_EXISTS');
  });
});
