import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Host } from '../../../src/provision/host/host.ts';
import { localHost } from '../../../src/provision/host/makers/local.ts';
import { standardProgram } from '../../../src/provision/standard.ts';
import { temporaryPolicy } from '../../support/policy.ts';
import { phpBranch } from '../../support/stack.ts';

let place: ReturnType<typeof temporaryPolicy>;
let host: Host;
let into: string;
let scratch: string;

beforeEach(() => {
  place = temporaryPolicy();
  host = localHost(place.policy);
  into = join(place.policy.paths.platforms, '.new-code');
  mkdirSync(into);
  mkdirSync(place.policy.paths.cache, { mode: 0o700 });
  scratch = mkdtempSync(join(tmpdir(), 'aegtest-archive-'));
});
afterEach(() => {
  place.remove();
  rmSync(scratch, { recursive: true, force: true });
});

const io = {
  engines: standardProgram.engines,
  signal: new AbortController().signal,
  log: () => {},
  line: () => {},
  progress: () => {},
};
const fetchSource = (text: string, sha256 = '') => {
  const source = standardProgram.sources.parse(text);
  return standardProgram.sources.of({ kind: source.kind }).fetch(host, source, into, { sha256, root: '' } as never, io);
};

/** A tar archive made by GNU tar from files, with names changed on the way in. */
function tar(name: string, args: string[]): string {
  const file = join(scratch, name);
  const made = spawnSync('tar', ['--create', '--file', file, '--absolute-names', ...args], {
    cwd: scratch,
    encoding: 'utf8',
  });
  expect(made.stderr.replaceAll(/.*(Removing|removing).*\n/g, '')).toBe('');
  return file;
}

const plant = (name: string, text = 'text'): void => {
  mkdirSync(join(scratch, name, '..'), { recursive: true });
  writeFileSync(join(scratch, name), text);
};

describe('an archive of code', () => {
  it.each(['code.tar', 'code.tar.gz', 'code.tar.zst', 'code.tar.xz', 'code.tar.bz2'])(
    'as %s is unpacked, without its one top folder',
    async (name) => {
      plant('cms-1.0/index.php');
      await fetchSource(`archive:${tar(name, ['--auto-compress', 'cms-1.0'])}`);
      expect(readdirSync(into)).toEqual(['index.php']);
    },
  );

  it('as zip is unpacked too', async () => {
    plant('cms/index.php');
    plant('cms/sub/more.php');
    spawnSync('zip', ['-qr', 'code.zip', 'cms'], { cwd: scratch });
    await fetchSource(`archive:${join(scratch, 'code.zip')}`);
    expect(readdirSync(into).sort()).toEqual(['index.php', 'sub']);
  });

  it('with the right sum is taken, with another it is not even opened', async () => {
    plant('cms/index.php');
    const file = tar('code.tar', ['cms']);
    const sum = createHash('sha256').update(readFileSync(file)).digest('hex');
    await expect(fetchSource(`archive:${file}`, '0'.repeat(64))).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    expect(readdirSync(into)).toEqual([]);
    await fetchSource(`archive:${file}`, sum.toUpperCase());
    expect(readdirSync(into)).toEqual(['index.php']);
  });

  it('with a link to what was left out of it is unpacked, as Drush is packed without its tests', async () => {
    plant('cms/docs/guide.md');
    symlinkSync('../LEFT-OUT.md', join(scratch, 'cms/docs/out.md'));
    await fetchSource(`archive:${tar('code.tar', ['cms'])}`);
    expect(readlinkSync(join(into, 'docs/out.md'))).toBe('../LEFT-OUT.md');
  });

  it('of macOS is unpacked without what macOS adds to it', async () => {
    plant('cms/index.php');
    plant('cms/._index.php', 'x');
    plant('cms/sub/._kept.php');
    plant('__MACOSX/cms/._index.php', 'x');
    spawnSync('zip', ['-qr', 'mac.zip', 'cms', '__MACOSX'], { cwd: scratch });
    await fetchSource(`archive:${join(scratch, 'mac.zip')}`);
    expect(readdirSync(into, { recursive: true }).sort()).toEqual(['index.php', 'sub', 'sub/._kept.php']);
  });

  it('of Windows, whose names have backslashes, is unpacked', async () => {
    const script = String.raw`$z = new ZipArchive(); $z->open('win.zip', ZipArchive::CREATE); $n = 'cms\\sub\\index.php';
      $z->addFromString($n, 'text'); $z->setExternalAttributesName($n, ZipArchive::OPSYS_DOS, 32); $z->close();`;
    expect(spawnSync(`/usr/bin/php${phpBranch()}`, ['-r', script], { cwd: scratch, encoding: 'utf8' }).stderr).toBe('');
    await fetchSource(`archive:${join(scratch, 'win.zip')}`);
    expect(readdirSync(into, { recursive: true }).sort()).toEqual(['sub', 'sub/index.php']);
  });

  it('with folders that give their group to new files is unpacked', async () => {
    plant('cms/uploads/a.txt');
    chmodSync(join(scratch, 'cms/uploads'), 0o2775);
    await fetchSource(`archive:${tar('code.tar', ['cms'])}`);
    expect(statSync(join(into, 'uploads')).mode & 0o7000).toBe(0);
  });

  it('that is none is refused', async () => {
    plant('code.tar.gz', '<html>Not found</html>');
    await expect(fetchSource(`archive:${join(scratch, 'code.tar.gz')}`)).rejects.toMatchObject({
      code: 'ARCHIVE_UNKNOWN',
    });
  });
});

describe('an evil archive is refused before anything of it is written:', () => {
  const refused = async (file: string, entry: RegExp) => {
    await expect(fetchSource(`archive:${file}`)).rejects.toMatchObject({
      code: 'ARCHIVE_UNSAFE',
      message: expect.stringMatching(entry),
    });
    expect(readdirSync(into)).toEqual([]);
    expect(existsSync('/tmp/aegtest-evil')).toBe(false);
  };

  it.each(['/aegtest-nowhere/x', '../../aegtest-nowhere', 'here/../../aegtest-nowhere'])(
    'a link of a zip to %s, which is not there',
    async (target) => {
      plant('cms/index.php');
      symlinkSync('.', join(scratch, 'cms/here'));
      symlinkSync(target, join(scratch, 'cms/evil'));
      spawnSync('zip', ['-qry', 'evil.zip', 'cms'], { cwd: scratch });
      await expect(fetchSource(`archive:${join(scratch, 'evil.zip')}`)).rejects.toMatchObject({
        code: 'ARCHIVE_UNSAFE',
        message: expect.stringMatching(/cms\/evil.*out of the archive/),
      });
    },
  );

  it('a path that climbs out', async () => {
    plant('cms/evil');
    await refused(tar('a.tar', ['--transform', 's,cms/evil,cms/../../evil,', 'cms/evil']), /\.\./);
  });

  it('an absolute path', async () => {
    plant('cms/evil');
    await refused(tar('a.tar', ['--transform', 's,cms/evil,/tmp/aegtest-evil,', 'cms/evil']), /\/tmp\/aegtest-evil/);
  });

  it('a link that leaves, and a file written through it', async () => {
    mkdirSync(join(scratch, 'cms'));
    spawnSync('ln', ['-s', '/etc', join(scratch, 'cms/out')]);
    await refused(tar('a.tar', ['cms']), /out/);
    spawnSync('ln', ['-sfn', '../../..', join(scratch, 'cms/out')]);
    await refused(tar('b.tar', ['cms']), /out/);
  });

  it('a hard link to a file of the machine', async () => {
    plant('cms/one');
    linkSync(join(scratch, 'cms/one'), join(scratch, 'cms/two'));
    await refused(tar('a.tar', ['--transform', 's,cms/one,/etc/shadow,R', 'cms/one', 'cms/two']), /\/etc\/shadow/);
  });

  it('a device', async () => {
    mkdirSync(join(scratch, 'cms'));
    spawnSync('mknod', [join(scratch, 'cms/disk'), 'c', '1', '3']);
    await refused(tar('a.tar', ['cms']), /disk/);
  });

  it('a pipe, which would hold up whoever reads it', async () => {
    mkdirSync(join(scratch, 'cms'));
    spawnSync('mkfifo', [join(scratch, 'cms/pipe')]);
    await refused(tar('a.tar', ['cms']), /pipe/);
  });

  it('a program that would run with the rights of root', async () => {
    plant('cms/run');
    spawnSync('chmod', ['4755', join(scratch, 'cms/run')]);
    await refused(tar('a.tar', ['cms']), /run/);
  });

  it('a name with a line end in it', async () => {
    plant('cms/a\nl--------- root/root 0 2026-01-01 00:00 x -> /etc');
    const file = tar('a.tar', ['cms']);
    // Not evil by itself: it must come out as one file of that name, or not at all.
    await fetchSource(`archive:${file}`).catch(() => {});
    expect(readdirSync(into).length).toBeLessThanOrEqual(1);
  });
});

describe('an archive by URL', () => {
  const serve = (answer: (reply: import('node:http').ServerResponse) => void) =>
    new Promise<{ url: string; close(): void }>((resolve) => {
      const server = createServer((_request, reply) => answer(reply)).listen(0, '127.0.0.1', () => {
        const { port } = server.address() as AddressInfo;
        resolve({ url: `http://127.0.0.1:${port}/code.tar`, close: () => server.close() });
      });
    });

  it('is downloaded, checked, unpacked, and the download is not kept', async () => {
    plant('cms/index.php');
    const data = readFileSync(tar('code.tar', ['cms']));
    const server = await serve((reply) => reply.end(data));
    await fetchSource(`archive:${server.url}`, createHash('sha256').update(data).digest('hex'));
    server.close();
    expect(readdirSync(into)).toEqual(['index.php']);
    expect(readdirSync(join(place.policy.paths.cache, 'archives'))).toEqual([]);
  });

  it('that breaks off leaves nothing', async () => {
    const server = await serve((reply) => {
      reply.writeHead(200, { 'content-length': '100000' });
      reply.write('only a part');
      setTimeout(() => reply.destroy(), 50);
    });
    await expect(fetchSource(`archive:${server.url}`)).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED' });
    server.close();
    expect(readdirSync(into)).toEqual([]);
    expect(readdirSync(join(place.policy.paths.cache, 'archives'))).toEqual([]);
  });

  it('that is not there says what the server answered', async () => {
    const server = await serve((reply) => reply.writeHead(404).end());
    await expect(fetchSource(`archive:${server.url}`)).rejects.toMatchObject({
      code: 'DOWNLOAD_FAILED',
      message: expect.stringContaining('404'),
    });
    server.close();
  });
});
