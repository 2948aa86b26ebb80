import { rmSync } from 'node:fs';
import { insertSteps, markStep, type StepPhase } from '../../src/db/journal.ts';
import { endTask, insertTask, saveProgress, startTask } from '../../src/db/task-changes.ts';
import { settleTimes } from './quiet-times.ts';
import type { Seeded } from './seed-inventory.ts';

/** A screen: the way to it from the list of sites, and what it shows when it is there. */
export interface Kept {
  name: string;
  /** A key, or ['text'] that is typed. */
  way: readonly (string | readonly [string])[];
  shows: RegExp | string;
  /** Its looks are kept too: which cells are bold, dim, reversed, coloured. */
  looks?: true;
}

/** Screens of one console. */
export interface Shown {
  /** What is so there. */
  name: string;
  screens: readonly Kept[];
  prepare(seeded: Seeded): void;
  env?: Record<string, string>;
  config?: Record<string, unknown>;
  server?: Record<string, unknown>;
  /** Title of the first view, when nothing is open. */
  first: RegExp;
  ready?: string;
  /** The only size at which it is looked at. */
  only?: '80x24';
}

const toPage = (line: string, shows: RegExp | string, name: string, ...after: Kept['way']): Kept => ({
  name,
  way: [':', [line], 'enter', ...after],
  shows,
});
const toSite = (name: string, shows: RegExp | string, ...after: Kept['way']): Kept =>
  toPage('site shop.example.test', shows, `site-${name}`, ...after);
const tabs = (count: number): string[] => Array<string>(count).fill('tab');

const pages: readonly Kept[] = [
  { name: 'sites', way: [], shows: 'shop.example.test', looks: true },
  { name: 'sites-filtered', way: ['/', ['platform:wp'], 'enter', 'space', 'o'], shows: '1 marked', looks: true },
  { name: 'sites-none-match', way: ['/', ['nothing'], 'enter'], shows: 'Nothing matches' },
  { name: 'filter', way: ['/', ['state:'], 'left'], shows: /word +!word/, looks: true },
  { name: 'platforms', way: ['2'], shows: /^ Platforms 4/m },
  { name: 'servers', way: ['3'], shows: /^ Servers 1/m },
  { name: 'tasks', way: ['4'], shows: /^ Tasks 2/m, looks: true },
  { name: 'backups', way: ['5'], shows: /^ Backups 3/m },
  { name: 'clients', way: ['6'], shows: /^ Clients 1/m },
  toSite('tasks', /server_master › .*shop\.example\.test/),
  toSite('backups', /STAYS/, ...tabs(1)),
  toSite('packages', /pathauto/, ...tabs(2)),
  toSite('aliases', /VISITORS/, ...tabs(3)),
  toSite('logs', /error\.log/, ...tabs(4)),
  toSite('settings', /SETTING/, ...tabs(5)),
  toSite('log', /line 39 of the site/, ...tabs(4), 'enter'),
  toSite('file', /Written by/, ...tabs(5), '/', ['local.vhost'], 'enter', 'enter'),
  toSite('verify-check', /What verifying/, 'V'),
  toPage('platform wp-6.8', /server_master › wp-6\.8/, 'platform'),
  toPage('platform wp-6.8', /NEWER/, 'platform-packages', ...tabs(1)),
  toPage('platform wp-6.8', /WHAT/, 'platform-tasks', ...tabs(2)),
  toPage('server server_master', /Services/, 'server'),
  toPage('server server_master', /○ missing/, 'server-doctor', ...tabs(1)),
  toPage('server server_master', /WHAT/, 'server-tasks', ...tabs(2)),
  { ...toPage('task 1', 'mariadb is stopped', 'task-failed'), looks: true },
  toPage('task 2', /line 59 of the installer/, 'task-running'),
  toPage('task 2', /› verify new.*\n── Log/, 'task-log', 'z'),
  { name: 'backup', way: ['5', 'enter'], shows: /^ Backups › wiki/m },
  { name: 'compare', way: ['2', 'G', 'k', 'm', 'enter'], shows: /› to wp-6\.9/, looks: true },
  { name: 'compare-differences', way: ['2', 'G', 'k', 'm', 'enter', 'tab'], shows: /FROM/, looks: true },
  { name: 'help', way: ['?'], shows: 'Search', looks: true },
  { name: 'help-found', way: ['?', ['verify']], shows: /Search verify/ },
  { name: 'palette', way: ['ctrl-p', ['shop']], shows: /shop\.example\.test +site/ },
  { name: 'line', way: [':', ['site w']], shows: 'site wiki.example.test' },
  { name: 'tour', way: [':', ['tour'], 'enter'], shows: /1 of/ },
];

const forms: readonly Kept[] = [
  { name: 'form-install', way: ['n', ['new.example.org'], 'enter'], shows: /wordpress 6\.8\.1/ },
  {
    name: 'form-error',
    way: ['n', 'ctrl-u', ['new..example'], 'enter', ['wp-6.8'], 'ctrl-s'],
    shows: /✗|not/,
    looks: true,
  },
  { name: 'form-import', way: ['I'], shows: /Import site/ },
  { name: 'form-clone', way: ['j', 'j', 'j', 'j', 'C'], shows: /Clone site/ },
  { name: 'form-migrate', way: ['j', 'j', 'j', 'j', 'm'], shows: /Migrate site/ },
  { name: 'form-restore', way: ['5', 'B'], shows: /Restore site/ },
  { name: 'form-platform', way: ['2', 'n', ['wp-7'], 'enter'], shows: /Add platform/ },
  { name: 'form-client', way: ['6', 'n'], shows: /Add client/ },
  toPage('site-rename shop.example.test', /Rename site/, 'form-rename'),
  toPage('site-set shop.example.test', /Set site/, 'form-set'),
  {
    name: 'plan',
    way: [':', ['site-rename shop.example.test'], 'enter', ['buy.example.test'], 'ctrl-d'],
    shows: /what it would do/,
    looks: true,
  },
];

const questions: readonly Kept[] = [
  { name: 'confirm-many', way: ['a', 'v'], shows: 'Verify 6 sites?' },
  { name: 'delete-typed', way: ['G', 'd', 'right', 'enter', ['wiki']], shows: 'Type it whole', looks: true },
  { name: 'delete-many', way: ['G', 'space', 'k', 'space', 'd', 'right', 'enter'], shows: 'Type it whole' },
  { name: 'delete-asked', way: ['G', 'd'], shows: /backup/ },
  { name: 'delete-backup', way: ['5', 'd'], shows: 'No, keep' },
  { name: 'compare-move', way: ['2', 'G', 'k', 'm', 'enter', 'm'], shows: 'Move 2 sites' },
  { name: 'cancel', way: ['4', 'c'], shows: /cancel/i },
  // Last: it queues tasks.
  { name: 'batch', way: ['2', 'G', 'k', 'm', 'enter', 'm', 'right', 'enter'], shows: /^ Tasks › batch/m },
];

const empty: readonly Kept[] = [
  { name: 'sites-none', way: [], shows: /^ Sites 0/m },
  { name: 'platforms-none', way: ['2'], shows: /^ Platforms 0/m },
  { name: 'tasks-none', way: ['4'], shows: /^ Tasks 0/m },
  { name: 'backups-none', way: ['5'], shows: /^ Backups 0/m },
  { name: 'clients-none', way: ['6'], shows: /^ Clients 0/m },
];

const host = { AEGIR_TEST_HOST: 'web1.example.org', TZ: 'UTC' };
const aServer = { prepare: settleTimes, env: host, first: /^ Sites 6 *$/m };
const looksOf = (theme: string): Kept[] => [
  { name: `sites-${theme}`, way: [], shows: 'shop.example.test', looks: true },
  { name: `tasks-${theme}`, way: ['4'], shows: /^ Tasks 2/m, looks: true },
];

const stopped = {
  code: 'WORKER_STOPPED',
  message: 'aegir-worker.service is stopped; 1 task waits for a worker (verify shop.example.test, for 3 h)',
  hint: 'systemctl start aegir-worker',
  running: false,
};

/** All that is kept. */
export const keptScreens: readonly Shown[] = [
  { ...aServer, name: 'a server', screens: [...pages, ...forms, ...questions] },
  {
    ...aServer,
    name: 'a server that may only be looked at',
    env: { ...host, AEGIR_TEST_READ_ONLY: '1' },
    screens: [{ name: 'read-only', way: ['v'], shows: /read-only/, looks: true }],
  },
  {
    ...aServer,
    name: 'a server on which something could not be done',
    screens: [
      { name: 'messages', way: [':', ['site-enable shop.example.test'], 'enter', 'ctrl-n'], shows: 'What was said' },
    ],
  },
  {
    ...aServer,
    name: 'a production server',
    server: { production: true },
    screens: [
      { name: 'production', way: [], shows: 'PRODUCTION', looks: true },
      toPage('site-disable shop.example.test', 'Type it whole', 'production-typed'),
    ],
  },
  {
    ...aServer,
    name: 'a server on which four tasks run',
    prepare: runMore,
    screens: [{ name: 'busy', way: [], shows: /queue 4/ }],
  },
  {
    ...aServer,
    name: 'a server on which a site was deleted without a backup',
    prepare: deleteOne,
    screens: [{ ...toPage('task 3', /not needed/, 'task-not-needed'), looks: true }],
  },
  {
    ...aServer,
    name: 'a server whose worker is stopped',
    prepare: queueOne,
    env: { ...host, AEGIR_TEST_READ_ONLY: '1', AEGIR_TEST_WORKER: JSON.stringify(stopped) },
    screens: [
      { name: 'no-worker', way: [], shows: 'worker ✗', looks: true },
      toPage('task 3', 'systemctl start aegir-worker', 'task-no-worker'),
    ],
  },
  {
    ...aServer,
    name: 'a server with nothing on it',
    prepare: emptyAll,
    ready: 'n new',
    first: /^ Sites 0 *$/m,
    screens: empty,
  },
  { ...aServer, name: 'the light theme', config: { theme: 'light' }, screens: looksOf('light'), only: '80x24' },
  { ...aServer, name: 'no colours', config: { theme: 'mono' }, screens: looksOf('mono'), only: '80x24' },
];

/** A task that waits. */
function queueOne(seeded: Seeded): void {
  const object = { objectKind: 'site', objectName: 'shop.example.test' } as const;
  insertTask(seeded.db, { type: 'site.verify', ...object, args: {}, secrets: {}, timeLimitS: 100 });
  settleTimes(seeded);
  const queuedAt = new Date(Date.now() - 3.5 * 3600_000).toISOString();
  seeded.db.prepare("UPDATE task SET queued_at = ? WHERE state = 'queued'").run(queuedAt);
}

/** A delete that has ended, of which several steps were not called for. */
function deleteOne(seeded: Seeded): void {
  const { db } = seeded;
  const object = { objectKind: 'site', objectName: 'gone.example.test' } as const;
  const id = insertTask(db, { type: 'site.delete', ...object, args: {}, secrets: {}, timeLimitS: 100 });
  startTask(db, id, {});
  insertSteps(
    db,
    id,
    deleteSteps.map(([phase, title]) => ({ phase, name: title, title })),
  );
  for (const [seq, [, , why]] of deleteSteps.entries()) {
    markStep(db, id, seq, 'running');
    markStep(db, id, seq, why ? 'notNeeded' : 'done', why);
  }
  endTask(db, id, { state: 'succeeded' });
  settleTimes(seeded);
  db.prepare(
    'UPDATE task SET (queued_at, started_at) = (SELECT queued_at, started_at FROM task WHERE id = 2) WHERE id = ?',
  ).run(id);
}

const NO_BACKUP = 'no backup is wanted';
const deleteSteps: readonly (readonly [StepPhase, string, string?])[] = [
  ['validate', 'Check'],
  ['apply', 'Make the folder of the backup', NO_BACKUP],
  ['apply', 'Save the database and the files', NO_BACKUP],
  ['apply', 'Read the backup back', NO_BACKUP],
  ['commit', 'Record in the inventory'],
  ['cleanUp', 'Remove pool and vhost'],
  ['cleanUp', 'Remove the release that was kept', 'none was kept'],
  ['cleanUp', 'Drop the database'],
];

/** Three more tasks that run, one of them being cancelled. */
function runMore(seeded: Seeded): void {
  settleTimes(seeded);
  const { db } = seeded;
  for (const [type, objectName, step, done, total, unit] of moreTasks) {
    const id = insertTask(db, { type, objectKind: 'site', objectName, args: {}, secrets: {}, timeLimitS: 100 });
    startTask(db, id, {});
    if (total > 0) saveProgress(db, id, { step, done, total, unit });
  }
  db.prepare("UPDATE task SET started_at = (SELECT started_at FROM task WHERE id = 2) WHERE state = 'running'").run();
  db.prepare("UPDATE task SET cancel_requested_at = started_at WHERE object_name = 'old.example.test'").run();
}

const moreTasks = [
  ['site.backup', 'shop.example.test', 'database', 14_000_000, 33_000_000, 'bytes'],
  ['site.verify', 'old.example.test', '', 0, 0, ''],
  ['site.verify', 'wiki.example.test', '', 0, 0, ''],
] as const;

/** A server as setup leaves it: no platform, no site, no task. */
function emptyAll(seeded: Seeded): void {
  settleTimes(seeded);
  const { db, paths } = seeded;
  for (const table of [
    'audit',
    'step',
    'task',
    'backup',
    'package',
    'schedule',
    'release',
    'site_name',
    'site',
    'platform',
    'client',
  ]) {
    db.prepare(`DELETE FROM ${table}`).run();
  }
  rmSync(paths.taskLogs, { recursive: true, force: true });
}
