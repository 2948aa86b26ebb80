import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../../../src/provision/host/host.ts';
import { localHost } from '../../../../src/provision/host/makers/local.ts';
import type { Policy } from '../../../../src/provision/host/policy.ts';
import { freshNumber, temporaryPolicy } from '../../../support/policy.ts';

let policy: Policy;
let remove: () => void;
let host: Host;
let user: string;
let uid: number;
let home: string;

beforeAll(async () => {
  ({ policy, remove } = temporaryPolicy());
  host = localHost(policy);
  user = `aegtest${freshNumber()}`;
  uid = policy.uidBase + 1;
  home = join(policy.paths.sites, user);
  await host.act('user.add', { user, uid, home });
  await host.act('folder.make', { path: home, owner: 'root', group: 'root', mode: 0o711 });
});
afterAll(async () => {
  await host.act('user.remove', { user });
  remove();
});

describe('a file that root writes', () => {
  it('is there whole, with its owner and mode, and written once', async () => {
    const path = join(home, 'settings.php');
    const file = { path, text: '<?php // ä\n', group: user, mode: 0o640 };
    expect(await host.act('file.write', file)).toEqual({ changed: true });
    expect(readFileSync(path, 'utf8')).toBe(file.text);
    expect(statSync(path)).toMatchObject({ uid: 0, gid: uid, mode: 0o100640 });
    const { ino } = statSync(path);
    expect(await host.act('file.write', file)).toEqual({ changed: false });
    expect(statSync(path).ino).toBe(ino);
    chmodSync(path, 0o666);
    expect(await host.act('file.write', file)).toEqual({ changed: true });
    expect(statSync(path).mode).toBe(0o100640);
    expect(readdirSync(home)).toEqual(['settings.php']);
    expect(await host.act('file.remove', { path })).toEqual({ removed: true });
    expect(await host.act('file.remove', { path })).toEqual({ removed: false });
  });

  it('never goes through a link, nor replaces a folder', async () => {
    const outside = join(policy.paths.root, 'outside');
    writeFileSync(outside, 'mine');
    symlinkSync(outside, join(home, 'link'));
    mkdirSync(join(home, 'folder'));
    for (const name of ['link', 'folder']) {
      const write = host.act('file.write', { path: join(home, name), text: 'x', mode: 0o644 });
      await expect(write).rejects.toMatchObject({ code: 'PATH_TAKEN' });
      const gone = host.act('file.remove', { path: join(home, name) });
      await expect(gone).rejects.toMatchObject({ code: 'PATH_TAKEN' });
    }
    expect(readFileSync(outside, 'utf8')).toBe('mine');
    expect((await host.act('link.remove', { path: join(home, 'link') })).removed).toBe(true);
    await expect(host.act('link.remove', { path: join(home, 'folder') })).rejects.toMatchObject({ code: 'PATH_TAKEN' });
    await host.act('tree.remove', { path: join(home, 'folder'), as: user });
  });

  it('clears away what a crash has left of it', async () => {
    const path = join(home, 'cut.conf');
    writeFileSync(join(home, '.cut.conf.aegir-new'), 'half');
    await host.act('file.write', { path, text: 'whole', mode: 0o644 });
    expect(readdirSync(home)).toEqual(['cut.conf']);
    writeFileSync(join(home, '.cut.conf.aegir-new'), 'half');
    await host.act('file.remove', { path });
    writeFileSync(join(home, '.cut.conf.aegir-new'), 'half');
    await host.act('file.remove', { path });
    expect(readdirSync(home)).toEqual([]);
  });

  it('is refused where the site, or anybody else, could swap a folder above it', async () => {
    const data = join(home, 'data');
    await host.act('folder.make', { path: data, owner: user, group: user, mode: 0o700 });
    const below = { path: join(data, 'x'), text: '', mode: 0o644 };
    await expect(host.act('file.write', below)).rejects.toMatchObject({ code: 'PARENT_UNSAFE' });
    const open = join(policy.paths.config, 'open');
    mkdirSync(open);
    for (const mode of [0o775, 0o757, 0o1777]) {
      chmodSync(open, mode);
      const write = host.act('file.write', { path: join(open, 'x.conf'), text: '', mode: 0o644 });
      await expect(write).rejects.toMatchObject({ code: 'PARENT_UNSAFE' });
      const link = host.act('link.make', { path: join(open, 'x'), target: home });
      await expect(link).rejects.toMatchObject({ code: 'PARENT_UNSAFE' });
      const folder = { path: join(open, 'y'), owner: 'root', group: 'root', mode: 0o755 };
      await expect(host.act('folder.make', folder)).rejects.toMatchObject({ code: 'PARENT_UNSAFE' });
    }
    rmSync(open, { recursive: true });
    symlinkSync(policy.paths.sites, open);
    const through = { path: join(open, 'x.conf'), text: '', mode: 0o644 };
    await expect(host.act('file.write', through)).rejects.toMatchObject({ code: 'PARENT_UNSAFE' });
    rmSync(open);
    await expect(host.act('file.write', through)).rejects.toMatchObject({ code: 'PARENT_MISSING' });
    await host.act('tree.remove', { path: data, as: user });
  });

  it('tells of a full disk and leaves the old file', async () => {
    // A file system of 64 KiB of its own, mounted below the root.
    const full = join(policy.paths.config, 'full');
    mkdirSync(full);
    const { runCommand } = await import('../../../../src/provision/host/local/exec.ts');
    const mounted = await runCommand({ file: 'mount', args: ['-t', 'tmpfs', '-o', 'size=64k,mode=755', 'none', full] });
    if (mounted.code !== 0) return;
    try {
      const path = join(full, 'x.conf');
      await host.act('file.write', { path, text: 'old', mode: 0o644 });
      const write = host.act('file.write', { path, text: 'x'.repeat(200_000), mode: 0o644 });
      await expect(write).rejects.toMatchObject({ code: 'DISK_FULL' });
      expect(readFileSync(path, 'utf8')).toBe('old');
      expect(readdirSync(full)).toEqual(['x.conf']);
      const removal = host.act('tree.remove', { path: full });
      await expect(removal).rejects.toMatchObject({ code: 'TREE_MOUNTED' });
    } finally {
      await runCommand({ file: 'umount', args: [full] });
    }
    await host.act('tree.remove', { path: full });
  });
});

describe('a folder that root makes', () => {
  it('has its owner from the start, is mended when it has not, and made once', async () => {
    const path = join(home, 'files');
    const folder = { path, owner: user, group: 'www-data', mode: 0o2750 };
    expect(await host.act('folder.make', folder)).toEqual({ made: true });
    expect(lstatSync(path)).toMatchObject({ uid, mode: 0o042750 });
    chownSync(path, 0, 0);
    chmodSync(path, 0o777);
    expect(await host.act('folder.make', folder)).toEqual({ made: false });
    expect(lstatSync(path)).toMatchObject({ uid, mode: 0o042750 });
    await host.act('tree.remove', { path, as: user });
  });

  it('is refused where a link or a file has its name', async () => {
    const path = join(home, 'files');
    symlinkSync('/etc', path);
    const folder = { path, owner: user, group: user, mode: 0o700 };
    await expect(host.act('folder.make', folder)).rejects.toMatchObject({ code: 'PATH_TAKEN' });
    expect(lstatSync('/etc').uid).toBe(0);
    rmSync(path);
  });
});

describe('a link that root makes', () => {
  it('points where it should and is switched in one go', async () => {
    const path = join(policy.paths.byName, 'shop.example.test');
    expect(await host.act('link.make', { path, target: home })).toEqual({ changed: true });
    expect(await host.act('link.make', { path, target: home })).toEqual({ changed: false });
    await host.act('link.make', { path, target: join(home, 'other') });
    expect(readlinkSync(path)).toBe(join(home, 'other'));
    expect(readdirSync(policy.paths.byName)).toEqual(['shop.example.test']);
    expect(await host.act('link.remove', { path })).toEqual({ removed: true });
    expect(await host.act('link.remove', { path })).toEqual({ removed: false });
  });

  it('goes into a platform that is used in place only when root alone can write there', async () => {
    const place = join(policy.paths.root, 'elsewhere');
    mkdirSync(place);
    const own = localHost({ ...policy, platformFolders: [place] });
    const link = { path: join(place, 'site'), target: home };
    await expect(host.act('link.make', link)).rejects.toMatchObject({ code: 'ACT_REFUSED' });
    expect(await own.act('link.make', link)).toEqual({ changed: true });
    await own.act('link.remove', { path: link.path });
    chownSync(place, uid, uid);
    await expect(own.act('link.make', link)).rejects.toMatchObject({ code: 'PARENT_UNSAFE' });
    await expect(own.act('tree.remove', { path: place })).rejects.toMatchObject({ code: 'ACT_REFUSED' });
  });
});

describe('a site that is removed', () => {
  /** A home with what sites and people leave behind. */
  async function furnish(): Promise<void> {
    for (const [name, owner, mode] of [
      ['data', 'root', 0o711],
      ['data/files', user, 0o2750],
      ['data/private', user, 0o700],
      ['releases', 'root', 0o711],
    ] as const) {
      await host.act('folder.make', { path: join(home, name), owner, group: owner, mode });
    }
    await host.act('file.write', { path: join(home, 'releases/settings.php'), text: 'x', group: user, mode: 0o640 });
    const script = `
      cd data/files && mkdir -p a/b/c && echo 1 > a/b/c/d && chmod 000 a/b && ln -s / root && ln -s /etc/passwd .
      mkfifo pipe; mkdir -p ./-rf "new
line" && echo x > "./-rf/--no-preserve-root"`;
    const made = await host.act('user.run', { user, file: 'sh', args: ['-c', script], cwd: home });
    expect(made.code).toBe(0);
    // Root's own file and folder among the site's, as a person working as root leaves them.
    mkdirSync(join(home, 'data/files/roots'));
    writeFileSync(join(home, 'data/files/roots/file'), 'x');
  }

  it('is gone whole, and nothing that its links point at is', async () => {
    await furnish();
    const canary = join(policy.paths.root, 'canary');
    mkdirSync(canary);
    writeFileSync(join(canary, 'file'), 'x');
    symlinkSync(canary, join(home, 'data/files/canary'));
    linkSync(join(canary, 'file'), join(home, 'data/files/hard'));
    expect(await host.act('tree.remove', { path: home, as: user })).toEqual({ removed: true });
    expect(existsSync(home)).toBe(false);
    expect(readdirSync(canary)).toEqual(['file']);
    expect(await host.act('tree.remove', { path: home, as: user })).toEqual({ removed: false });
    await host.act('folder.make', { path: home, owner: 'root', group: 'root', mode: 0o711 });
  });

  it('is gone also when its user is gone already, or a first try was cut', async () => {
    await furnish();
    chmodSync(home, 0o700);
    const [number] = [freshNumber()];
    const orphan = join(policy.paths.sites, `aegtest${number}`);
    renameSync(home, orphan);
    expect(await host.act('tree.remove', { path: orphan, as: `aegtest${number}` })).toEqual({ removed: true });
    await host.act('folder.make', { path: home, owner: 'root', group: 'root', mode: 0o711 });
  });

  it('ends the processes in it alone when it is a part of a home', async () => {
    await furnish();
    const path = join(home, 'data');
    const sleeper = (cwd: string, script: string) =>
      host.act('user.run', { user, file: 'sh', args: ['-c', script], cwd });
    const elsewhere = sleeper('/', 'sleep 3');
    const inside = [
      sleeper(join(path, 'files'), 'exec sleep 60'),
      sleeper('/', `exec 3<${path}/private && exec sleep 60`),
      // Whoever comes faster than he is ended.
      sleeper(join(path, 'private'), 'while :; do (sleep 0.01 &) ; (sleep 0.01 &); done'),
    ];
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await host.act('tree.remove', { path, as: user })).toEqual({ removed: true });
    for (const one of inside) expect((await one).signal).toBe('SIGKILL');
    expect((await elsewhere).code).toBe(0);
    await host.act('tree.remove', { path: home, as: user });
    await host.act('folder.make', { path: home, owner: 'root', group: 'root', mode: 0o711 });
  });

  it('is removed as its own user and no other', async () => {
    const other = join(policy.paths.sites, `aegtest${freshNumber()}`);
    mkdirSync(other);
    for (const removal of [
      { path: home },
      { path: home, as: 'aegtest9' },
      { path: other, as: user },
      { path: home, as: 'root' },
    ]) {
      await expect(host.act('tree.remove', removal)).rejects.toMatchObject({ code: 'ACT_REFUSED' });
    }
    expect(await host.act('tree.remove', { path: other })).toEqual({ removed: true });
  });

  it('stays whole while something is mounted in it', async () => {
    const { runCommand } = await import('../../../../src/provision/host/local/exec.ts');
    const media = join(policy.paths.root, 'media');
    mkdirSync(media);
    writeFileSync(join(media, 'film'), 'x');
    const point = join(home, 'my media');
    mkdirSync(point);
    const mounted = await runCommand({ file: 'mount', args: ['--bind', media, point] });
    if (mounted.code === 0) {
      await expect(host.act('tree.remove', { path: home, as: user })).rejects.toMatchObject({ code: 'TREE_MOUNTED' });
      await runCommand({ file: 'umount', args: [point] });
    }
    expect(readdirSync(media)).toEqual(['film']);
    rmSync(point, { recursive: true });
  });

  it('does not lead root astray while its user swaps folders for links', async () => {
    await furnish();
    const canary = join(policy.paths.root, 'canary2');
    mkdirSync(canary);
    for (let place = 0; place < 50; place += 1) writeFileSync(join(canary, `file${place}`), 'x');
    const race = host.act('user.run', {
      user,
      file: 'sh',
      args: [
        '-c',
        `cd data/files; while :; do mkdir -p t/u; mv t s; ln -s "$1" t; rm -f t; mv s t; done`,
        'sh',
        canary,
      ],
      cwd: home,
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    await host.act('tree.remove', { path: home, as: user });
    expect((await race).signal).toBe('SIGKILL');
    expect(existsSync(home)).toBe(false);
    expect(readdirSync(canary)).toHaveLength(50);
    await host.act('folder.make', { path: home, owner: 'root', group: 'root', mode: 0o711 });
  });
});

describe('a code base that is given to root', () => {
  it('can be read by all, written by root alone, and executes nothing', async () => {
    const tree = join(policy.paths.platforms, '.new-x');
    mkdirSync(join(tree, 'core/deep'), { recursive: true });
    writeFileSync(join(tree, 'core/index.php'), '<?php');
    writeFileSync(join(tree, 'core/deep/run.sh'), '#!/bin/sh');
    linkSync(join(tree, 'core/index.php'), join(tree, 'core/twin.php'));
    symlinkSync('core', join(tree, 'link'));
    symlinkSync('/etc/shadow', join(tree, 'core/shadow'));
    for (const path of ['core', 'core/deep', 'core/deep/run.sh', 'core/index.php']) {
      chownSync(join(tree, path), uid, uid);
      chmodSync(join(tree, path), 0o6777);
    }
    const shadow = statSync('/etc/shadow').mode;
    await host.act('tree.seal', { path: tree });
    await host.act('tree.seal', { path: tree });
    for (const path of ['', 'core', 'core/deep']) expect(lstatSync(join(tree, path)).mode).toBe(0o040755);
    for (const path of ['core/index.php', 'core/deep/run.sh']) expect(lstatSync(join(tree, path)).mode).toBe(0o100644);
    expect(lstatSync(join(tree, 'core/deep/run.sh')).uid).toBe(0);
    expect(statSync('/etc/shadow').mode).toBe(shadow);
    const final = join(policy.paths.platforms, 'x');
    await host.act('tree.rename', { from: tree, to: final });
    await host.act('tree.rename', { from: tree, to: final });
    expect(existsSync(join(final, 'core/index.php'))).toBe(true);
    mkdirSync(tree);
    await expect(host.act('tree.rename', { from: tree, to: final })).rejects.toMatchObject({ code: 'FOLDER_EXISTS' });
    await host.act('tree.remove', { path: final });
    await host.act('tree.remove', { path: tree });
  });

  it('is refused with a pipe in it, or a file that has another name outside', async () => {
    const { runCommand } = await import('../../../../src/provision/host/local/exec.ts');
    const tree = join(policy.paths.platforms, '.new-y');
    mkdirSync(tree);
    const outside = join(policy.paths.root, 'secret');
    writeFileSync(outside, 'x', { mode: 0o600 });
    linkSync(outside, join(tree, 'innocent.php'));
    await expect(host.act('tree.seal', { path: tree })).rejects.toMatchObject({ code: 'TREE_UNSAFE' });
    expect(statSync(outside).mode).toBe(0o100600);
    rmSync(join(tree, 'innocent.php'));
    await runCommand({ file: 'mkfifo', args: [join(tree, 'pipe')] });
    await expect(host.act('tree.seal', { path: tree })).rejects.toMatchObject({ code: 'TREE_UNSAFE' });
    await host.act('tree.remove', { path: tree });
  });
});
