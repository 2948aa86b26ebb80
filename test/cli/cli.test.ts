import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { takeGlobalOptions } from '../../src/cli/global-options.ts';
import { nearest } from '../../src/cli/nearest.ts';
import { exitCode, formatTable } from '../../src/cli/output.ts';
import { insertBackup, setBackupDate } from '../../src/db/backups.ts';
import { clientId } from '../../src/db/clients.ts';
import { openInventory } from '../../src/db/inventory.ts';
import { savePackages } from '../../src/db/packages.ts';
import { findPlatform, insertPlatform, updatePlatform } from '../../src/db/platforms.ts';
import { saveServer } from '../../src/db/servers.ts';
import { insertSite, updateSite } from '../../src/db/sites.ts';
import { endTask, insertTask } from '../../src/db/task-changes.ts';
import { listTasks } from '../../src/db/tasks.ts';
import { AegirError } from '../../src/provision/model/errors.ts';
import { rootPaths } from '../../src/provision/model/paths.ts';
import { program, runProgram } from '../support/program.ts';
import { runWordsHere } from '../support/run-words.ts';

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'aegtest-cli-'));
  chmodSync(root, 0o711);
  const db = openInventory(rootPaths(root).inventory);
  const services = [
    {
      kind: 'http' as const,
      driver: 'nginx',
      version: '1',
      settings: { binary: '/x', conf: '/x', pidFile: '/x', unit: '', listen: ['8080'] },
    },
    {
      kind: 'db' as const,
      driver: 'mariadb',
      version: '10',
      settings: { binary: '/x', conf: '', socket: '/x', pidFile: '/x', unit: '' },
    },
  ];
  saveServer(db, { name: 'server_master', handlePrefix: 'aeg', uidBase: 20_000, webUser: 'www-data', services });
  insertPlatform(db, {
    name: 'code',
    server: 'server_master',
    root: '/srv/code',
    source: 'path:/srv/code',
    managed: false,
  });
  const newerOne = { name: 'newer', server: 'server_master', root: '/srv/newer', source: 'path:/srv/newer' };
  insertPlatform(db, { ...newerOne, managed: false });
  updatePlatform(db, 'newer', { state: 'ready', engine: 'spip', version: '4.5', profiles: [] });
  for (const [name, version] of [
    ['code', '5.1'],
    ['newer', '5.3'],
  ] as const) {
    const platformId = findPlatform(db, name)?.id ?? 0;
    savePackages(db, { platformId }, [{ kind: 'plugin', name: 'mots', title: 'Mots', version }]);
  }
  updatePlatform(db, 'code', {
    state: 'ready',
    engine: 'spip',
    version: '4.4',
    profiles: [{ name: 'default', title: 'D' }],
  });
  for (const uri of ['shop.example.org', 'blog.example.org']) {
    insertSite(db, {
      uri,
      platform: 'code',
      clientId: clientId(db, 'admin') ?? 0,
      title: 'Evil \u001b]0;title\u0007',
      profile: 'default',
      language: 'en',
      adminName: 'admin',
      adminMail: 'a@b.c',
      php: {},
      databaseDriver: 'mariadb',
      handlePrefix: 'aeg',
      uidBase: 20_000,
    });
    updateSite(db, uri, { state: 'enabled' });
  }
  for (const name of ['shop.example.org-1', 'shop.example.org-2']) {
    insertBackup(db, {
      ...{ name, uri: 'shop.example.org', platform: 'code', engine: 'spip', version: '4.4', description: '' },
      ...{ kind: 'kept', bytes: 1, taskId: null },
      site: { title: '', profile: '', language: '', admin: { name: '', mail: '' }, php: {} },
    });
    setBackupDate(db, name, `2026-11-2${name.at(-1)}T10:00:00.000Z`);
  }
  db.close();
}, 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function aegir(...words: string[]) {
  const { status, stdout, stderr } = await runWordsHere('--root', root, ...words);
  return { code: status, out: stdout, err: stderr };
}
const tasks = () => {
  const db = openInventory(rootPaths(root).inventory);
  const found = listTasks(db);
  db.close();
  return found;
};

it('keeps what it has compiled where nobody else can write, and leaves nothing in /tmp', () => {
  const [caches, TMPDIR] = [join(root, 'caches'), join(root, 'a-tmp')];
  for (const folder of [caches, TMPDIR]) mkdirSync(folder);
  const env = { PATH: process.env.PATH, XDG_CACHE_HOME: caches, TMPDIR };
  const { status } = spawnSync(process.execPath, [program, '--version'], { env });
  expect(status).toBe(0);
  expect(readdirSync(TMPDIR)).toEqual([]);
  expect(readdirSync(caches)).toEqual(['aegir']);
});

describe('a command', () => {
  it('lists sites in the shape that scripts rely on', async () => {
    const { code, out } = await aegir('site', 'list', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toHaveLength(2);
    expect(Object.keys(JSON.parse(out)[0]).sort()).toEqual([
      'aliases',
      'client',
      'createdAt',
      'database',
      'diskBytes',
      'engine',
      'lastBackup',
      'lastTask',
      'platform',
      'state',
      'uri',
      'url',
      'version',
    ]);
    expect(JSON.parse(out)[1]).toMatchObject({
      uri: 'shop.example.org',
      url: 'http://shop.example.org:8080',
      database: { driver: 'mariadb', name: 'aeg1r1' },
      lastBackup: { name: 'shop.example.org-2', createdAt: '2026-11-22T10:00:00.000Z' },
    });
    expect(JSON.parse(out)[0].lastBackup).toBeNull();
    const table = (await aegir('site', 'list')).out;
    expect(table).toMatch(/^blog\.example\.org .* none *$/m);
    expect(table).toMatch(/^shop\.example\.org .* 2026-11-22 10:00/m);
  });

  it('tells which packages of a platform another one has newer', async () => {
    const { packages } = JSON.parse((await aegir('platform', 'show', 'code', '--json')).out);
    expect(packages).toMatchObject([{ name: 'mots', version: '5.1', newer: { version: '5.3', platform: 'newer' } }]);
    expect((await aegir('platform', 'show', 'code')).out).toMatch(/^Newer +mots 5\.1: 5\.3 on newer$/m);
    expect(JSON.parse((await aegir('platform', 'show', 'newer', '--json')).out).packages[0].newer).toBeNull();
  });

  it('lists platforms, tasks and servers in theirs', async () => {
    expect(Object.keys(JSON.parse((await aegir('platform', 'list', '--json')).out)[0]).sort()).toEqual([
      'engine',
      'keptReleases',
      'locked',
      'name',
      'profiles',
      'root',
      'sites',
      'state',
      'version',
    ]);
    expect(JSON.parse((await aegir('task', 'list', '--json')).out)).toEqual([]);
    expect(JSON.parse((await aegir('server', 'list', '--json')).out)[0].services[0]).toMatchObject({
      kind: 'db',
      driver: 'mariadb',
      state: 'absent',
    });
  });

  it('lets no text from elsewhere move the cursor or set the title', async () => {
    const { out } = await aegir('site', 'show', 'shop.example.org');
    expect(out).toContain('Evil');
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  it.each([
    [2, 'USAGE', ['site', 'instal']],
    [2, 'USAGE', ['site', 'list', '--nonsense']],
    [2, 'USAGE', ['site', 'show']],
    [2, 'ARGUMENT_INVALID', ['site', 'install', 'new.example.org', '--platform', 'code']],
    [2, 'ARGUMENT_INVALID', ['site', 'install', 'new.example.org', '--platform', 'code', '--admin-mail', 'nobody']],
    [
      2,
      'URI_INVALID',
      ['site', 'install', 'http://new.example.org/', '--platform', 'code', '--admin-mail', 'a@example.org'],
    ],
    [2, 'NAME_INVALID', ['platform', 'add', 'Bad Name', '--from', 'path:/srv']],
    [2, 'SOURCE_UNKNOWN', ['platform', 'add', 'x', '--from', 'ftp:/srv']],
    [3, 'URI_TAKEN', ['site', 'install', 'SHOP.Example.org', '--platform', 'code', '--admin-mail', 'a@example.org']],
    [3, 'PLATFORM_IN_USE', ['platform', 'delete', 'code', '--confirm', 'code']],
    [3, 'CONFIRMATION_NEEDED', ['site', 'delete', 'shop.example.org']],
    [3, 'CONFIRMATION_NEEDED', ['site', 'delete', 'shop.example.org', '--yes']],
    [2, 'USAGE', ['site', 'delete', 'shop.example.org', '--confirm', 'blog.example.org']],
    ...[
      ['site', 'verify', 'shop.example.org'],
      ['setup'],
      ['try', '--stop'],
      ['worker'],
      ['backup', 'inventory'],
      ['backup', 'inventory', 'restore', 'none', '--yes'],
      ['backup', 'export', 'none', '/tmp/none.tar'],
      ['client', 'add', 'ann'],
      ['task', 'cancel', '1'],
      ['site', 'shell', 'shop.example.org'],
    ].map((words): [number, string, string[]] => [3, 'READ_ONLY', [...words, '--read-only']]),
    [2, 'USAGE', ['task', 'list', '--state', 'bogus']],
    [4, 'NO_SUCH_OBJECT', ['site', 'verify', 'shpo.example.org']],
    [
      4,
      'NO_SUCH_OBJECT',
      ['site', 'install', 'new.example.org', '--platform', 'none', '--admin-mail', 'a@example.org'],
    ],
    [4, 'NO_SUCH_TASK', ['task', 'log', '99']],
  ])('leaves with %i and says %s: %j', async (code, word, words) => {
    const text = await aegir(...words);
    expect(text.code).toBe(code);
    expect(text.err).toMatch(new RegExp(`^(Usage:[^]*)?aegir: ${word} .+\\.`));
    expect(text.err).not.toContain('    at ');
    const json = await aegir(...words, '--json');
    expect(json.code).toBe(code);
    expect(JSON.parse(json.err.split('\n').findLast((line) => line.startsWith('{')) ?? '').error.code).toBe(word);
    expect(tasks()).toEqual([]);
  });

  it('wants the name of a site on a production server, where else a yes is enough', async () => {
    const config = join(root, 'etc/config.json');
    mkdirSync(join(root, 'etc'), { recursive: true });
    writeFileSync(config, '{"server": {"production": true}}');
    try {
      const refused = await aegir('site', 'disable', 'shop.example.org', '--yes');
      expect(refused.code).toBe(3);
      expect(refused.err).toMatch(
        /CONFIRMATION_NEEDED PRODUCTION: Disable shop\.example\.org.*--confirm shop\.example\.org/,
      );
      expect(tasks()).toEqual([]);
      expect((await aegir('status')).out).toMatch(/^PRODUCTION {2}/);
      expect(JSON.parse((await aegir('status', '--json')).out).label).toBe('PRODUCTION');
      const moves = await aegir('platform', 'migrate', 'code', 'newer', '--yes');
      expect(moves.code).toBe(3);
      expect(moves.err).toContain('--confirm code');
      expect(tasks()).toEqual([]);
    } finally {
      rmSync(config);
    }
  });

  it('answers with a document when a client is added, changed or removed', async () => {
    const document = async (...words: string[]): Promise<unknown> =>
      JSON.parse((await aegir('client', ...words, '--json')).out);
    const made = { name: 'ann', mail: 'ann@example.org', maxSites: 5, sites: 0, uris: [] };
    expect(await document('add', 'ann', '--mail', 'ann@example.org', '--max-sites', '5')).toMatchObject(made);
    expect(await document('edit', 'ann', '--rename', 'ann b')).toMatchObject({ ...made, name: 'ann b' });
    expect(await document('remove', 'ann b')).toEqual({ name: 'ann b', state: 'removed' });
  });

  it('lists the engines, what each needs and looks for', async () => {
    const engines = JSON.parse((await aegir('engine', 'list', '--json')).out) as Record<string, unknown>[];
    expect(engines.map(({ name }) => name)).toEqual(['drupal', 'wordpress', 'spip']);
    for (const engine of engines) {
      expect(engine).toMatchObject({ databases: ['mariadb', 'sqlite'], looksFor: expect.stringMatching(/\.php/) });
      expect(engine.php).toMatchObject({ min: expect.stringMatching(/^\d\.\d$/), extensions: expect.any(Array) });
    }
  });

  it('names what was probably meant', async () => {
    expect((await aegir('site', 'show', 'shpo.example.org')).err).toContain('shop.example.org');
  });

  it('plans without changing anything', async () => {
    const before = readFileSync(rootPaths(root).inventory);
    const plan = await aegir('site', 'delete', 'shop.example.org', '--dry-run', '--json');
    const [acts, problems] = [expect.any(Array), expect.any(Array)];
    const steps = ['Make the folder of the backup', 'Save the database and the files', 'Read the backup back'];
    const notNeeded = steps.map((step) => ({ step, why: 'no backup is wanted' }));
    expect(JSON.parse(plan.out)).toEqual({ first: [], acts, notNeeded, problems });
    expect((await aegir('site', 'delete', 'shop.example.org', '--dry-run')).out).toContain(
      'Save the database and the files: not needed, no backup is wanted\n',
    );
    expect(readFileSync(rootPaths(root).inventory).equals(before)).toBe(true);
    expect(tasks()).toEqual([]);
  });

  it('says whether somebody works on the queue, and who', async () => {
    // Where systemd runs there should be a unit, and the tests' own root has none; it may not answer in a sandbox.
    const noUnit = existsSync('/run/systemd/system');
    const said = noUnit
      ? /^worker: (aegir-worker\.service does not exist|systemd does not answer)\. /m
      : /^worker: none runs, and no task waits$/m;
    expect((await aegir('status')).out).toMatch(said);
    expect(JSON.parse((await aegir('status', '--json')).out)).toMatchObject({
      worker: false,
      workerState: {
        running: false,
        process: null,
        waiting: { queued: 0, interrupted: 0, since: null },
        trouble: noUnit ? { code: expect.any(String) } : null,
      },
    });
  });

  it('takes a secret from a file, never from its words, and shows it nowhere', async () => {
    expect((await aegir('site', 'install', '--help')).out).toContain('--admin-password-file');
    const file = join(root, 'secret');
    writeFileSync(file, 'canary-password\n');
    const queued = await aegir(
      'site',
      'install',
      'new.example.org',
      '--platform',
      'code',
      '--admin-mail',
      'a@example.org',
      '--admin-password-file',
      file,
    );
    expect(queued).toMatchObject({ code: 0, out: expect.stringMatching(/^task 1 queued\nNo worker runs/) });
    expect((await aegir('task', 'show', '1', '--json')).out).not.toContain('canary');
    expect(JSON.parse((await aegir('task', 'cancel', '1', '--json')).out).task.state).toBe('queued');
  });
});

describe('a task of before', () => {
  it('says in milliseconds how long the last cron took', async () => {
    const db = openInventory(rootPaths(root).inventory);
    const cron = { type: 'site.cron', objectKind: 'site' as const, objectName: 'blog.example.org' };
    const id = insertTask(db, { ...cron, args: {}, secrets: {}, timeLimitS: 10 });
    endTask(db, id, { state: 'succeeded', result: { seconds: 1.5 } });
    const { lastCron } = JSON.parse((await aegir('site', 'show', 'blog.example.org', '--json')).out) as Record<
      string,
      unknown
    >;
    db.prepare('DELETE FROM task WHERE id = ?').run(id);
    db.close();
    expect(lastCron).toMatchObject({ task: id, seconds: 1.5, durationMs: 1500 });
  });

  it('tries a task that takes something away again only when its name is said', async () => {
    const db = openInventory(rootPaths(root).inventory);
    const gone = { type: 'site.delete', objectKind: 'site' as const, objectName: 'shop.example.org' };
    const id = insertTask(db, { ...gone, args: {}, secrets: {}, timeLimitS: 10 });
    endTask(db, id, { state: 'cancelled' });
    expect(await aegir('task', 'retry', String(id), '--yes')).toMatchObject({
      code: 3,
      err: expect.stringContaining('--confirm shop.example.org'),
    });
    expect(tasks()[0]?.id).toBe(id);
    db.prepare('DELETE FROM task WHERE id = ?').run(id);
    db.close();
  });
});

it('without words and without a terminal, shows the status', () => {
  const { status, stdout } = runProgram(root);
  expect(status).toBe(0);
  expect(stdout).toContain('sites 3');
});

it('a root that is not set up is told as such', () => {
  const run = spawnSync(process.execPath, [program, 'site', 'list', '--root', join(root, 'nothing-here')], {
    encoding: 'utf8',
  });
  expect(run).toMatchObject({ status: 3, stderr: expect.stringContaining('NO_SERVER') });
});

describe('words', () => {
  it('that every command knows are taken wherever they stand', () => {
    const { options, rest } = takeGlobalOptions(['--json', 'site', '--root=/r', 'list', '--wait', '--', '--yes']);
    expect(options).toMatchObject({ json: true, root: '/r', wait: true, yes: false });
    expect(rest).toEqual(['site', 'list', '--', '--yes']);
  });
});

describe('output', () => {
  it('tables fit the terminal and keep the first column whole', () => {
    const lines = formatTable(
      ['URI', 'PLATFORM', 'STATE'],
      [['a-long-name.example.org', 'x'.repeat(90), 'enabled']],
      60,
    );
    expect(lines.every((line) => line.length <= 60)).toBe(true);
    expect(lines[1]).toContain('a-long-name.example.org');
  });

  it('exit codes tell wrong use, refusals, missing objects and failures apart', () => {
    const code = (name: string) => exitCode(new AegirError(name, 'x'));
    expect([
      code('USAGE'),
      code('SITE_LOCKED'),
      code('NO_SUCH_OBJECT'),
      code('INTERRUPTED'),
      exitCode(new Error('x')),
    ]).toEqual([2, 3, 4, 130, 1]);
  });

  it('has only signs that every terminal has where the locale is not UTF-8, unless config.json says otherwise', () => {
    const said = (env: Record<string, string>, ...words: string[]): string => {
      const all = [program, '--root', root, ...words];
      return spawnSync(process.execPath, all, { encoding: 'utf8', env: { PATH: process.env.PATH, ...env } }).stdout;
    };
    const ascii = /^[\n -~]+$/;
    // But what stands in files of others, which are shown as they are.
    for (const words of [['doctor'], ['setup', '--dry-run'], ['status'], ['site', 'cron', '--help']])
      expect(said({ LC_ALL: 'C' }, ...words).replaceAll(/^ +[+-].*$/gm, '')).toMatch(ascii);
    expect(said({}, 'doctor')).toMatch(/^x .* -> /m);
    expect(said({ LANG: 'C.UTF-8' }, 'doctor')).toMatch(/^✗ .* → /m);
    const config = join(root, 'etc/config.json');
    mkdirSync(join(root, 'etc'), { recursive: true });
    writeFileSync(config, '{"console": {"glyphs": "ascii"}}');
    expect(said({ LANG: 'C.UTF-8' }, 'doctor')).toMatch(ascii);
    rmSync(config);
  }, 60_000);

  it('the nearest names come first', () => {
    expect(nearest('shpo', ['blog', 'shop', 'shoe'])[0]).toBe('shop');
  });
});
