import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listBackups } from '../../src/db/backups.ts';
import { deleteBackup, exportBackup, importBackup } from '../../src/worker/backups.ts';
import { differences, textOf } from '../matrix/judge.ts';
import { codes, MAIN, must, openWorld, type World } from '../matrix/world.ts';

// What comes from outside may be anything. Each is refused with its code, and nothing of the site is lost.
interface Forgery {
  manifest?: (manifest: Record<string, Record<string, unknown>>) => void;
  database?: Buffer;
  files?: Buffer;
}

describe.each(codes.filter(({ engine }) => engine !== 'drupal'))('on $name', (code) => {
  let world: World;
  let good: string;

  beforeAll(async () => {
    world = await openWorld(code);
    await must(world, 'site.backup', MAIN);
    good = listBackups(world.root.inventory)[0]?.name ?? '';
  });
  afterAll(() => world?.close());

  let forged = 0;

  /** An archive of a backup of which some is changed, with sums that are right. */
  async function forge({ manifest: change, database, files }: Forgery): Promise<{ name: string; archive: string }> {
    forged += 1;
    const place = mkdtempSync(join(world.stack.root, 'forged-'));
    await exportBackup(world.root.queue, good, join(place, 'good.tar'));
    execFileSync('tar', ['-xf', 'good.tar'], { cwd: place });
    const folder = join(place, good);
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
    const name = good.replace(/[0-9a-f]{4}$/, String(forged).padStart(4, '0'));
    manifest.name = name;
    for (const [part, file, plain] of [
      ['database', 'database.zst', database],
      ['files', 'files.tar.zst', files],
    ] as const) {
      if (!plain) continue;
      const packed = zstdCompressSync(plain);
      writeFileSync(join(folder, file), packed);
      const sha256 = createHash('sha256').update(packed).digest('hex');
      manifest[part] = { bytes: plain.length, fileBytes: packed.length, sha256 };
    }
    change?.(manifest);
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
    execFileSync('tar', ['-cf', 'forged.tar', good], { cwd: place });
    return { name, archive: join(place, 'forged.tar') };
  }

  /** Takes a forgery in and restores from it; tells the error, and holds that nothing else has changed. */
  async function restored(forgery: Forgery): Promise<string | undefined> {
    const { name, archive } = await forge(forgery);
    await importBackup(world.root.queue, archive);
    const before = await world.look();
    const task = await world.run('site.restore', MAIN, { backup: name });
    expect(differences(before, await world.look()).map(textOf)).toEqual([]);
    expect(task.unfinished).toBeNull();
    await deleteBackup(world.root.queue, name);
    return task.error?.code;
  }

  /** Hands an archive in; tells the error, and holds that nothing has changed. */
  async function handedIn(archive: string): Promise<unknown> {
    const before = await world.look();
    const error = await importBackup(world.root.queue, archive).catch((cause: unknown) => cause);
    expect(differences(before, await world.look()).map(textOf)).toEqual([]);
    return error;
  }

  describe('a backup', () => {
    it('that was cut short is refused', async () => {
      const { archive } = await forge({});
      truncateSync(archive, Math.floor(statSync(archive).size / 2));
      expect(await handedIn(archive)).toMatchObject({ code: 'BACKUP_DAMAGED' });
    });

    it('that was altered is refused', async () => {
      const { archive } = await forge({
        database: Buffer.from('SELECT 1;'),
        manifest: (manifest) => Object.assign(manifest.database ?? {}, { sha256: '0'.repeat(64) }),
      });
      expect(await handedIn(archive)).toMatchObject({ code: 'BACKUP_DAMAGED' });
    });

    it('of a newer Aegir is refused as such', async () => {
      const { archive } = await forge({ manifest: (manifest) => Object.assign(manifest, { format: 2 }) });
      expect(await handedIn(archive)).toMatchObject({ code: 'BACKUP_NEWER' });
    });

    it('of another CMS, or of another version, is refused', async () => {
      const of = (facts: Record<string, string>) =>
        restored({ manifest: (manifest) => Object.assign(manifest.platform ?? {}, facts) });
      expect(await of({ engine: code.engine === 'spip' ? 'wordpress' : 'spip' })).toBe('PLATFORM_UNFIT');
      expect(await of({ version: '99.1' })).toBe('PLATFORM_OLDER');
      expect(await of({ version: '1.0' })).toBe('BACKUP_OTHER_VERSION');
      const { name, archive } = await forge({
        manifest: (manifest) => Object.assign(manifest.platform ?? {}, { version: '99.1' }),
      });
      await importBackup(world.root.queue, archive);
      const task = await world.run('site.import', 'new.example.test', { backup: name, platform: 'code' });
      expect(task.error?.code).toBe('PLATFORM_OLDER');
      await deleteBackup(world.root.queue, name);
    });

    it('for which there is no room is refused before anything is begun', async () => {
      const manifest: Forgery['manifest'] = (found) => Object.assign(found.files ?? {}, { bytes: 1e12 });
      expect(await restored({ manifest })).toBe('DISK_FULL');
    });
  });

  describe('files in a backup', () => {
    /** A tar archive of what a work makes in a folder, its names as they are given. */
    function tarOf(make: (folder: string) => void, names: string[], ...options: string[]): Buffer {
      const folder = mkdtempSync(join(world.stack.root, 'tar-'));
      for (const name of ['files', 'private', 'extensions', 'config']) mkdirSync(join(folder, name));
      make(folder);
      const args = ['-cPf', '-', ...options, 'files', 'private', 'extensions', 'config', ...names];
      return execFileSync('tar', args, { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
    }

    /** Hands in a backup with these files: refused before anything of it is unpacked. */
    async function isUnsafe(files: Buffer): Promise<void> {
      const { archive } = await forge({ files });
      expect(await handedIn(archive)).toMatchObject({ code: 'BACKUP_UNSAFE' });
    }
    const plant = (folder: string): void => writeFileSync(join(folder, 'x'), 'x');

    it('with names that lead out of the site are refused', async () => {
      await isUnsafe(tarOf(plant, ['x'], '--transform=s,^x,../../../escaped,'));
      const absolute = join(world.stack.root, 'escaped');
      await isUnsafe(tarOf(plant, ['x'], `--transform=s,^x,${absolute},`));
      expect(existsSync(absolute)).toBe(false);
    });

    it('behind a link that leads out are refused, and not written there', async () => {
      const target = mkdtempSync(join(world.stack.root, 'outside-'));
      const link = (folder: string): void => {
        symlinkSync(target, join(folder, 'files/out'));
        plant(folder);
      };
      await isUnsafe(tarOf(link, ['x'], '--transform=s,^x,files/out/planted,'));
      expect(existsSync(join(target, 'planted'))).toBe(false);
    });

    it('that are devices are refused', async () => {
      await isUnsafe(tarOf((folder) => execFileSync('mknod', [join(folder, 'files/null'), 'c', '1', '3']), []));
    });
  });

  describe('a dump of a database', () => {
    it.each([
      ['drops the database of another', 'DROP DATABASE mysql;'],
      ['writes into a database that is not its own', 'CREATE TABLE mysql.planted (id INT);'],
      ['makes an account', "CREATE USER 'planted'@'localhost';"],
      ['runs a program', '\\! touch /tmp/aegtest-planted\n'],
      ['reads a file of the machine', '\\. /etc/passwd\n'],
      ['writes a file', "SELECT 'x' INTO OUTFILE '/tmp/aegtest-planted';"],
      ['is cut in the middle of a statement', 'CREATE TABLE broken (id INT', 'STREAM_FAILED'],
    ])('that %s is refused', async (_what, sql, code = 'DUMP_REFUSED') => {
      expect(await restored({ database: Buffer.from(sql) })).toBe(code);
      expect(existsSync('/tmp/aegtest-planted')).toBe(false);
    });
  });

  it('a name in use is refused, for a copy and for a new name', async () => {
    await must(world, 'site.alias', MAIN, { add: 'alias.example.test' });
    const asked = (type: string, object: string, args: Record<string, unknown>) =>
      world.run(type, object, args).catch((error: unknown) => error);
    expect(await asked('site.clone', 'alias.example.test', { source: MAIN })).toMatchObject({ code: 'URI_TAKEN' });
    expect(await asked('site.clone', MAIN, { source: MAIN })).toMatchObject({ code: 'URI_TAKEN' });
    await must(world, 'site.alias', MAIN, { remove: 'alias.example.test' });
  });
});
