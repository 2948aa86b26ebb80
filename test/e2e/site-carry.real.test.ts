import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  linkSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { listBackups } from '../../src/db/backups.ts';
import { findSite } from '../../src/db/sites.ts';
import type { StackRoot } from '../support/inventory.ts';
import { onOwnServer } from '../support/own-server.ts';
import { debianTree } from '../support/platforms.ts';
import { done, runTask } from '../support/run-task.ts';
import { type Stack, socketOf } from '../support/stack.ts';

const uri = 'whole.example.test';

let stack: Stack;
let root: StackRoot;

const run = (type: string, args: Record<string, unknown> = {}, object = uri) =>
  runTask(root, `site.${type}`, object, args);
const siteOf = (object = uri) => {
  const site = findSite(root.inventory, object);
  if (!site) throw new Error(`no site ${object}`);
  return site;
};
const home = (object = uri): string => join(stack.paths.sites, siteOf(object).handle);
const newest = (): string => listBackups(root.inventory, uri)[0]?.name ?? '';
const folder = (name: string): string => join(stack.paths.backups, name);
const logOf = (id: number): string => readFileSync(join(stack.paths.taskLogs, `${id}.ndjson`), 'utf8');
const socket = (): string => socketOf(stack);
/** Asks as the account of the site itself: what it may not do there fails. */
const sql = (text: string, object = uri): string => {
  const { handle, databaseName, uid } = siteOf(object);
  const client = ['mariadb', '--no-defaults', '--socket', socket(), '--user', handle, '--batch', '-N', databaseName];
  return execFileSync('setpriv', [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', ...client], {
    input: text,
    encoding: 'utf8',
  }).trim();
};
/** A file of the site, its own user's. */
const put = (name: string, text: string): string => {
  const path = join(home(), 'data/files/IMG', name);
  writeFileSync(path, text);
  execFileSync('chown', [`${siteOf().uid}:${siteOf().uid}`, path]);
  return path;
};

onOwnServer((own) => {
  ({ stack, root } = own);
});

beforeAll(async () => {
  for (const name of ['code', 'other']) {
    const from = `path:${await debianTree(stack.root, 'spip', 'trixie')}`;
    expect(await runTask(root, 'platform.add', name, { from })).toMatchObject(done);
  }
  expect(await run('install', { platform: 'code', title: 'Whole', adminMail: 'a@example.test' })).toMatchObject(done);
}, 240_000);

describe('a database with a view, a trigger, a routine and an event', () => {
  /** All four, and that they work as the site's own account. */
  const works = (object = uri): string => {
    sql('INSERT INTO own_note (text) VALUES (own_word())', object);
    const events = `SELECT event_name, definer FROM information_schema.events WHERE event_schema = DATABASE()`;
    const said = sql(`SELECT text, marked FROM own_view ORDER BY id DESC LIMIT 1; ${events}`, object);
    return said.replace(siteOf(object).handle, 'own');
  };
  const whole = "it's;\n@@ USE\tby the trigger\nown_event\town@localhost";

  beforeAll(() => {
    sql(`CREATE TABLE own_note (id INT AUTO_INCREMENT PRIMARY KEY, text VARCHAR(40), marked VARCHAR(40));
CREATE VIEW own_view AS SELECT * FROM own_note;
DELIMITER ;;
CREATE TRIGGER own_trigger BEFORE INSERT ON own_note FOR EACH ROW
BEGIN
SET @@SESSION.sort_buffer_size = 262144;
SET NEW.marked = 'by the trigger';
END;;
CREATE FUNCTION own_word() RETURNS VARCHAR(40) DETERMINISTIC
RETURN 'it''s;
@@ USE';;
CREATE EVENT own_event ON SCHEDULE EVERY 1 DAY DO DELETE FROM own_note WHERE id < 0;;
DELIMITER ;
`);
    expect(works()).toBe(whole.replaceAll('\n@@', '\\n@@'));
  });
  const again = whole.replaceAll('\n@@', '\\n@@');

  it('is whole after clone, import, restore and migrate', async () => {
    expect(await run('clone', { source: uri }, 'copy.example.test')).toMatchObject(done);
    expect(works('copy.example.test')).toBe(again);
    expect(await run('delete', {}, 'copy.example.test')).toMatchObject(done);
    expect(await run('backup')).toMatchObject(done);
    const backup = newest();
    expect(await run('import', { backup, platform: 'other' }, 'second.example.test')).toMatchObject(done);
    expect(works('second.example.test')).toBe(again);
    expect(await run('delete', {}, 'second.example.test')).toMatchObject(done);
    sql('DROP VIEW own_view; DROP TRIGGER own_trigger; DROP FUNCTION own_word; DROP EVENT own_event');
    expect(await run('restore', { backup })).toMatchObject(done);
    expect(works()).toBe(again);
    expect(await run('migrate', { platform: 'other' })).toMatchObject(done);
    expect(works()).toBe(again);
    expect(await run('migrate', { platform: 'code', keepDays: 0 })).toMatchObject(done);
  }, 240_000);
});

describe('files of a site', () => {
  it('that go while they are saved are no failure, and the log names them', async () => {
    const small = Array.from({ length: 200 }, (_, number) => put(`small-${number}`, 'x'));
    // Last: a file system in memory lists the newest first.
    const big = put('big', '');
    truncateSync(big, 250_000_000);
    const saving = run('backup');
    // Its reader has seen the folder, and is at the large file.
    const isRead = (): boolean =>
      spawnSync('find', ['/proc', '-maxdepth', '3', '-path', '/proc/[0-9]*/fd/*', '-lname', big, '-print', '-quit'], {
        encoding: 'utf8',
      }).stdout !== '';
    for (let waited = 0; waited < 2000 && !isRead(); waited += 1) await sleep(5);
    execFileSync('rm', ['-f', ...small]);
    const task = await saving.finally(() => execFileSync('rm', [big]));
    expect(task).toMatchObject(done);
    expect(logOf(task.id)).toMatch(/small-\d+: File removed before we read it/);
    expect(await run('restore', { backup: newest() })).toMatchObject(done);
    execFileSync('rm', ['-f', join(home(), 'data/files/IMG/big')]);
  }, 240_000);

  it('that its user cannot read leave no backup that looks whole; verify mends them', async () => {
    const count = listBackups(root.inventory, uri).length;
    const path = put('of-root.txt', 'a note');
    execFileSync('chown', ['root:root', path]);
    chmodSync(path, 0o600);
    const refused = await run('backup');
    expect(refused).toMatchObject({ state: 'failed', unfinished: null, error: { code: 'FILES_UNREADABLE' } });
    expect(refused.error?.message).toContain('IMG/of-root.txt');
    expect(listBackups(root.inventory, uri)).toHaveLength(count);
    expect(await run('clone', { source: uri }, 'copy.example.test')).toMatchObject({
      state: 'failed',
      error: { code: 'FILES_UNREADABLE' },
    });
    expect(await run('verify')).toMatchObject(done);
    expect(await run('backup')).toMatchObject(done);
  });

  it('with two names, and links, come back as they were', async () => {
    linkSync(put('one.txt', 'twice'), join(home(), 'data/files/IMG/two.txt'));
    symlinkSync('/etc/hostname', join(home(), 'data/files/IMG/out'));
    expect(await run('backup')).toMatchObject(done);
    expect(await run('restore', { backup: newest() })).toMatchObject(done);
    const [one, two] = ['one.txt', 'two.txt'].map((name) => statSync(join(home(), 'data/files/IMG', name)));
    expect(one?.ino).toBe(two?.ino);
    execFileSync('rm', [join(home(), 'data/files/IMG/out')]);
  });
});

describe('a backup that is not what it was', () => {
  const parts = ['database.zst', 'files.tar.zst', 'manifest.json'];
  let name = '';
  /** Where its parts lie as they were made. */
  let whole = '';
  beforeAll(async () => {
    expect(await run('backup')).toMatchObject(done);
    name = newest();
    whole = join(stack.root, 'whole');
    cpSync(folder(name), whole, { recursive: true });
  });
  afterEach(() => {
    for (const part of parts) copyFileSync(join(whole, part), join(folder(name), part));
  });

  /** Changes a part of the backup, and its sum in the manifest unless it is to be wrong; gives its name. */
  function other(part: 'database.zst' | 'files.tar.zst', change: (path: string) => void, sum = true): string {
    const path = join(folder(name), part);
    copyFileSync(join(whole, part), path);
    change(path);
    if (!sum) return name;
    const manifest = JSON.parse(readFileSync(join(folder(name), 'manifest.json'), 'utf8'));
    const [sha256] = execFileSync('sha256sum', [path], { encoding: 'utf8' }).split(' ');
    manifest[part === 'database.zst' ? 'database' : 'files'].sha256 = sha256;
    writeFileSync(join(folder(name), 'manifest.json'), JSON.stringify(manifest));
    return name;
  }
  /** Neither a restore nor a new site begins with it, and the site is as it was. */
  async function refused(backup: string, code: string, says: RegExp): Promise<void> {
    const before = readdirSync(home()).sort();
    for (const task of [
      await run('restore', { backup }),
      await run('import', { backup, platform: 'code' }, 'second.example.test'),
    ]) {
      expect(task).toMatchObject({ state: 'failed', unfinished: null, error: { code } });
      expect(task.error?.message).toMatch(says);
    }
    expect(readdirSync(home()).sort()).toEqual(before);
    expect(findSite(root.inventory, 'second.example.test')).toBeUndefined();
    expect((await stack.fetch(`${uri}:${stack.port}`, '/')).body).toContain('Whole');
  }

  it.each(['database.zst', 'files.tar.zst'] as const)(
    'cut short or altered in %s is told as damaged',
    async (part) => {
      const cut = other(part, (path) => truncateSync(path, Math.floor(statSync(path).size / 2)), false);
      await refused(cut, 'BACKUP_DAMAGED', /cannot be read/);
      const altered = other(part, (path) => execFileSync('sh', ['-c', 'echo x | zstd -qc > "$0"', path]), false);
      await refused(altered, 'BACKUP_DAMAGED', /checksum is wrong/);
    },
    120_000,
  );

  const pack = (make: string) => (path: string) => {
    const script = `set -e; rm -rf "$1"; mkdir -p "$1/files/in" "$1/private" "$1/extensions" "$1/config"; cd "$1"; ${make}; zstd -qf x.tar -o "$0"`;
    execFileSync('sh', ['-c', script, path, join(stack.root, 'evil')]);
  };
  const all = 'files private extensions config';
  it.each([
    ['a name with ..', `echo x > e; tar -cPf x.tar --transform='s,^e$,files/../../e,' ${all} e`, /leads out/],
    ['an absolute name', `echo x > e; tar -cPf x.tar --transform='s,^e$,/etc/evil,' ${all} e`, /leads out/],
    ['a folder of its own', `mkdir e; tar -cf x.tar ${all} e`, /not in a folder of a site/],
    ['a device', `mknod files/null c 1 3; tar -cf x.tar ${all}`, /is a device/],
    ['a link for a folder', `rmdir private; ln -s /etc private; tar -cf x.tar ${all}`, /replaces a folder/],
    [
      'a name through a link',
      `ln -s /etc files/l; echo x > e; tar -cf x.tar --transform='s,^e$,files/l/e,' ${all} e`,
      /through a link/,
    ],
    [
      'a second name of a file of others',
      `echo x > e; ln e files/second; tar -cPf x.tar --transform='flags=h;s,^e$,/etc/passwd,' --transform='flags=r;s,^e$,files/e,' e ${all}`,
      /hard link/,
    ],
  ])(
    'with %s is refused as unsafe',
    async (_what, make, says) => {
      await refused(other('files.tar.zst', pack(make)), 'BACKUP_UNSAFE', says);
    },
    60_000,
  );

  it.each([
    ['writes into another database', "INSERT INTO mysql.global_priv VALUES ('%','x','{}');"],
    ['makes an account', 'CREATE USER evil@localhost;'],
    ['drops what is another’s', 'DROP DATABASE mysql;'],
    ['runs a program', 'system id'],
  ])(
    'whose dump %s is refused',
    async (_what, line) => {
      const add = (path: string): void => {
        execFileSync('sh', ['-c', '(zstd -dqc "$0"; echo "$1") | zstd -qc > "$0.new"; mv "$0.new" "$0"', path, line]);
      };
      await refused(other('database.zst', add), 'DUMP_REFUSED', /statement/);
    },
    60_000,
  );
});
