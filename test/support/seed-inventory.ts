import { mkdirSync } from 'node:fs';
import { insertBackup } from '../../src/db/backups.ts';
import { clientId } from '../../src/db/clients.ts';
import { type Inventory, transact } from '../../src/db/inventory.ts';
import { insertSteps, markStep, type StepPhase } from '../../src/db/journal.ts';
import { savePackages } from '../../src/db/packages.ts';
import { insertPlatform, updatePlatform } from '../../src/db/platforms.ts';
import { saveServer } from '../../src/db/servers.ts';
import { insertSite, updateSite } from '../../src/db/sites.ts';
import { endTask, insertTask, saveProgress, startTask } from '../../src/db/task-changes.ts';
import { type RootPaths, rootPaths } from '../../src/provision/model/paths.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import { openRoot } from '../../src/worker/open-root.ts';
import { openTaskLog } from '../../src/worker/task-log.ts';

/** A root with an inventory that looks like a server's: `sites` sites, a failed task, a running one with a log. */
export interface Seeded {
  paths: RootPaths;
  db: Inventory;
  /** Id of the running task. */
  running: number;
  /** Id of the failed task. */
  failed: number;
}

/** Fills a root, whose folder must not hold an inventory yet. */
export function seedInventory(root: string, options: { sites?: number; logLines?: readonly string[] } = {}): Seeded {
  const paths = rootPaths(root);
  mkdirSync(root, { recursive: true, mode: 0o711 });
  const { inventory: db } = openRoot(paths, standardProgram);
  saveServer(db, {
    name: 'server_master',
    handlePrefix: 'aegtest',
    uidBase: 60_000,
    webUser: 'www-data',
    services: [
      { kind: 'http', driver: 'nginx', version: '1.22.1', settings: httpSettings },
      { kind: 'php', driver: 'fpm', version: '8.2', settings: {} },
      { kind: 'db', driver: 'mariadb', version: '10.11', settings: {} },
    ],
  });
  for (const [name, engine, version] of platforms) addPlatform(db, paths, name, engine, version);
  transact(db, () => addSites(db, options.sites ?? 6));
  addBackups(db);
  const failed = addFailed(db);
  const running = addRunning(db);
  writeLog(
    paths,
    running,
    options.logLines ?? Array.from({ length: 60 }, (_, line) => `line ${line} of the installer`),
  );
  return { paths, db, running, failed };
}

/** What nginx's driver asks for; nothing of it is started. */
const httpSettings = { binary: '/usr/sbin/nginx', conf: '', pidFile: '', unit: '', listen: ['8088'] };

const platforms = [
  ['wp-6.8', 'wordpress', '6.8.1'],
  ['drupal-10.5', 'drupal', '10.5.2'],
  ['spip-4.4', 'spip', '4.4.3'],
] as const;

const names = ['blog', 'forum', 'new', 'old', 'shop', 'wiki'];

function addPlatform(db: Inventory, paths: RootPaths, name: string, engine: string, version: string): void {
  const source = `path:${paths.platforms}/${name}`;
  insertPlatform(db, { name, server: 'server_master', root: `${paths.platforms}/${name}`, source, managed: false });
  const profiles = [
    { name: 'standard', title: 'Standard' },
    { name: 'minimal', title: 'Minimal' },
  ];
  updatePlatform(db, name, { state: 'ready', engine, version, profiles }, true);
  savePackages(db, { platformId: 1 }, [
    { kind: 'plugin', name: 'akismet', title: 'Akismet Anti-spam', version: '5.1' },
  ]);
}

function addSites(db: Inventory, count: number): void {
  const client = clientId(db, 'admin') ?? 0;
  for (let number = 0; number < count; number += 1) {
    const uri = `${names[number % names.length]}${number >= names.length ? number : ''}.example.test`;
    insertSite(db, {
      uri,
      platform: platforms[number % platforms.length]?.[0] ?? '',
      clientId: client,
      title: `Site ${number}`,
      profile: 'standard',
      language: 'en',
      adminName: 'admin-user',
      adminMail: 'a@example.test',
      php: { memoryMb: 256, uploadMb: 64, children: 5, timeS: 60 },
      databaseDriver: 'mariadb',
      handlePrefix: 'aegtest',
      uidBase: 60_000,
    });
    updateSite(db, uri, { state: number % names.length === 3 ? 'disabled' : 'enabled', diskBytes: 12_300_000 }, true);
  }
}

/** Two backups of shop and one of wiki. */
function addBackups(db: Inventory): void {
  const admin = { name: 'admin-user', mail: 'a@example.test' };
  const site = { title: 'A site', profile: 'standard', language: 'en', admin, php: {} };
  for (const [name, kind, description] of backups) {
    const uri = name.slice(0, name.indexOf('-'));
    const code = { platform: 'drupal-10.5', engine: 'drupal', version: '10.5.2' };
    insertBackup(db, { name, uri, ...code, description, kind, site, bytes: 43_200_000, taskId: null });
  }
}

const backups = [
  ['shop.example.test-20261122T030000Z-0a1b2c', 'rotating', 'by schedule'],
  ['shop.example.test-20261123T030000Z-1b2c3d', 'kept', 'before the sale'],
  ['wiki.example.test-20261123T030100Z-2c3d4e', 'safety', 'made before a restore'],
] as const;

function addFailed(db: Inventory): number {
  const id = newTask(db, 'site.verify', 'forum.example.test');
  const hint = 'aegir doctor says what is wrong; aegir setup starts it.';
  endTask(db, id, { state: 'failed', error: { code: 'SERVICE_DOWN', message: 'mariadb is stopped', hint } });
  return id;
}

function addRunning(db: Inventory): number {
  const id = newTask(db, 'site.verify', 'new.example.test');
  const step = (phase: StepPhase, name: string, title: string) => ({ phase, name, title });
  insertSteps(db, id, [
    step('validate', 'check', 'Check'),
    step('apply', 'settings', 'Write the settings'),
    step('apply', 'probe', 'Ask the site for a page'),
    step('commit', 'record', 'Record in the inventory'),
  ]);
  markStep(db, id, 0, 'running');
  markStep(db, id, 0, 'done');
  markStep(db, id, 1, 'running');
  saveProgress(db, id, { step: 'settings', done: 14, total: 33, unit: 'files' });
  return id;
}

function newTask(db: Inventory, type: string, objectName: string): number {
  const id = insertTask(db, { type, objectKind: 'site', objectName, args: {}, secrets: {}, timeLimitS: 100 });
  startTask(db, id, {});
  return id;
}

/** Appends lines to a task's log; one that holds "error" is an error. */
export function writeLog(paths: RootPaths, task: number, lines: readonly string[]): void {
  const log = openTaskLog(paths.taskLogs, task);
  for (const text of lines) {
    const level = text.includes('error') ? 'error' : 'info';
    log.write({ at: '2026-11-23T10:00:00.000Z', level, step: 'settings', stream: 'aegir', text });
  }
  log.close();
}
