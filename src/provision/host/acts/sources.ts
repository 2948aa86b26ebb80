import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { AegirError } from '../../errors.ts';
import { type Apt, openSuite } from '../debian/apt.ts';
import { applicationFolder, copyResolved, missingTargets, rewritePaths, walk } from '../debian/tree.ts';
import { lastWords, runCommand } from '../exec.ts';
import type { ActOptions } from '../host.ts';
import { checkParents, checkPath, type Policy } from '../policy.ts';
import { defineAct } from './act.ts';

/** Most that an archive may hold: far above any CMS, far below a full disk. */
const MAX_ENTRIES = 200_000;
const MAX_BYTES = 4 * 1024 ** 3;
/** Libraries that are looked at for one package; a web application needs some twenty. */
const MAX_LIBRARIES = 200;

export const sourceDebian = defineAct('source.debian', {
  args: z.object({
    package: z.string().regex(/^[a-z0-9][a-z0-9.+-]+$/),
    suite: z.string().regex(/^([a-z][a-z0-9-]*)?$/),
    cache: z.string(),
    into: z.string(),
    home: z.string(),
  }),
  describe: ({ package: name, suite, into }) =>
    `fetch the Debian package ${name}${suite ? ` of ${suite}` : ''} into ${into}`,
  async run({ package: name, suite, cache, into, home }, policy, live) {
    checkEmptyFolder(policy, into);
    checkPath(policy, home);
    const say = (text: string): void => live.onLine?.('stdout', text);
    const apt = await openSuite(cache, suite, live);
    const fields = (await apt.show([name])).get(name);
    if (!fields)
      throw new AegirError(
        'PACKAGE_UNKNOWN',
        `there is no package ${name}${suite ? ` in ${suite}` : ''}`,
        'See: apt-cache search',
        'from',
      );
    const scratch = join(cache, 'debian', `scratch-${basename(into)}`);
    rmSync(scratch, { recursive: true, force: true });
    mkdirSync(scratch);
    try {
      const libraries = await librariesOf(name, fields, apt.show);
      const files = await apt.download([name, ...libraries]);
      let done = 0;
      for (const [part, file] of files) {
        live.signal?.throwIfAborted();
        await must('dpkg-deb', ['--extract', file, scratch], live);
        done += 1;
        live.onProgress?.(done, files.size, 'packages');
        say(`unpacked ${part}`);
      }
      assemble(name, scratch, into, home, say);
      return { version: fields.Version ?? '' };
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  },
});

/** Makes the tree self-contained: links resolved, libraries beside it in a folder that web servers do not show. */
function assemble(name: string, scratch: string, into: string, home: string, say: (text: string) => void): void {
  const folder = applicationFolder(scratch, name);
  if (!folder)
    throw new AegirError(
      'PACKAGE_EMPTY',
      `the package ${name} holds no web application below /usr/share`,
      'Name the package of the CMS itself.',
      'from',
    );
  for (const target of missingTargets(scratch, folder)) say(`leads outside of the packages, left out: ${target}`);
  copyResolved(scratch, folder, into);
  const php = 'usr/share/php';
  const library = join(into, '.debian', php);
  if (existsSync(join(scratch, php))) {
    mkdirSync(dirname(library), { recursive: true });
    copyResolved(scratch, php, library);
  }
  const place = join(home, '.debian', php);
  const changed = rewritePaths(into, { [`/${php}`]: place, [`/${folder}`]: home }, { files: library, place });
  say(`${changed} files had fixed paths`);
}

/**
 * The packages whose files the application's tree needs: PHP and JavaScript libraries, fonts, themes. From
 * Depends, of libraries again; from Recommends only what bears the package's own name (themes, languages).
 */
async function librariesOf(name: string, fields: Record<string, string>, show: Apt['show']): Promise<string[]> {
  const isLibrary = (candidate: string): boolean => /^(php-|libphp-|libjs-|node-|fonts-)/.test(candidate);
  const own = namesIn(`${fields.Depends},${fields.Recommends}`).filter((candidate) => candidate.startsWith(`${name}-`));
  const found = new Set<string>();
  const asked = new Set<string>();
  let level = [...namesIn(fields.Depends).filter(isLibrary), ...own];
  while (level.length > 0 && asked.size < MAX_LIBRARIES) {
    for (const candidate of level) asked.add(candidate);
    const next: string[] = [];
    for (const [candidate, known] of await show(level)) {
      // Extensions are for one machine type, and belong to PHP itself.
      if (known.Architecture !== 'all' || candidate === 'php-common' || isExtension(known)) continue;
      found.add(candidate);
      next.push(...namesIn(known.Depends).filter(isLibrary));
    }
    level = [...new Set(next)].filter((candidate) => !asked.has(candidate));
  }
  return [...found];
}

/** The package names of a relation field; of alternatives, the first. */
const namesIn = (relation: string | undefined): string[] =>
  (relation ?? '')
    .split(',')
    .map(
      (part) =>
        part
          .split('|')[0]
          ?.trim()
          .split(/[\s(:]/)[0] ?? '',
    )
    .filter((part) => part !== '');

/** Debian's names for PHP's own extensions are empty packages that depend on the one of a version (`php-gd` on `php8.2-gd`). */
const isExtension = (fields: Record<string, string>): boolean => /\bphp\d+\.\d+-/.test(fields.Depends ?? '');

export const sourceDownload = defineAct('source.download', {
  args: z.object({ url: z.url({ protocol: /^https?$/ }), to: z.string() }),
  describe: ({ url, to }) => `download ${url} to ${to}`,
  async run({ url, to }, policy, live) {
    checkPath(policy, to);
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
    checkParents(policy, to);
    const part = `${to}.part`;
    try {
      const answer = await fetch(url, { signal: live.signal });
      if (!answer.ok || !answer.body) throw new Error(`the server answers ${answer.status}`);
      const total = Number(answer.headers.get('content-length') ?? 0);
      let done = 0;
      const body = Readable.fromWeb(answer.body as never);
      body.on('data', (chunk: Buffer) => {
        done += chunk.length;
        live.onProgress?.(done, Math.max(total, done), 'bytes');
      });
      await pipeline(body, createWriteStream(part, { mode: 0o600 }), { signal: live.signal });
      if (total > 0 && done !== total && !answer.headers.get('content-encoding'))
        throw new Error(`it broke off after ${done} of ${total} bytes`);
      renameSync(part, to);
    } catch (error) {
      rmSync(part, { force: true });
      const cause =
        error instanceof Error && error.cause instanceof Error
          ? error.cause.message
          : error instanceof Error
            ? error.message
            : String(error);
      throw new AegirError(
        'DOWNLOAD_FAILED',
        `${url} could not be downloaded: ${cause}`,
        'Check the address and the network, then try again.',
        'from',
      );
    }
  },
});

export const sourceCheck = defineAct('source.check', {
  args: z.object({ file: z.string().startsWith('/'), sha256: z.string().regex(/^[0-9a-f]{64}$/i) }),
  describe: ({ file }) => `check the SHA-256 sum of ${file}`,
  async run({ file, sha256 }) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    const sum = hash.digest('hex');
    if (sum === sha256.toLowerCase()) return;
    throw new AegirError(
      'CHECKSUM_MISMATCH',
      `${file} has the SHA-256 sum ${sum}, not ${sha256.toLowerCase()}`,
      'Fetch it again; if the sum stays, do not trust it.',
      'sha256',
    );
  },
});

export const sourceUnpack = defineAct('source.unpack', {
  args: z.object({ archive: z.string().startsWith('/'), to: z.string() }),
  describe: ({ archive, to }) => `unpack ${archive} into ${to}`,
  async run({ archive, to }, policy, live) {
    checkEmptyFolder(policy, to);
    const kind = kindOf(archive);
    checkEntries(archive, await entriesOf(archive, kind, live));
    const unpack: [string, string[]] =
      kind === 'zip'
        ? ['unzip', ['-q', '-o', archive, '-d', to]]
        : ['tar', ['--extract', '--no-same-owner', '--no-same-permissions', '--file', archive, '--directory', to]];
    await must(...unpack, live);
    checkUnpacked(archive, to);
    stripTopFolder(to);
  },
});

type ArchiveKind = 'zip' | 'tar';

/** By its first bytes, not by its name. */
function kindOf(archive: string): ArchiveKind {
  const start = firstBytes(archive, 512);
  const hex = start.toString('hex');
  if (hex.startsWith('504b0304') || hex.startsWith('504b0506')) return 'zip';
  const packed = ['1f8b', '28b52ffd', 'fd377a585a00', '425a68'].some((magic) => hex.startsWith(magic));
  if (packed || start.subarray(257, 262).toString() === 'ustar') return 'tar';
  throw new AegirError(
    'ARCHIVE_UNKNOWN',
    `${archive} is no archive that this program knows`,
    'Use zip, tar.gz, tar.zst, tar.xz or tar.bz2.',
    'from',
  );
}

function firstBytes(file: string, count: number): Buffer {
  const open = openSync(file, 'r');
  try {
    const start = Buffer.alloc(count);
    return start.subarray(0, readSync(open, start));
  } finally {
    closeSync(open);
  }
}

interface Entry {
  name: string;
  type: string;
  target?: string;
  mode: string;
  bytes: number;
}

async function entriesOf(archive: string, kind: ArchiveKind, live: ActOptions): Promise<Entry[]> {
  if (kind === 'zip') {
    const listed = await must('unzip', ['-Z', '-l', archive], { signal: live.signal });
    return listed.flatMap((line) => {
      const match = /^([-dlbcps?])(\S{9})\s+\S+\s+\S+\s+(\d+)\s+\S+\s+\d+\s+\S+\s+\S+\s+\S+\s(.+)$/.exec(line);
      return match
        ? [{ type: match[1] ?? '', mode: match[2] ?? '', bytes: Number(match[3]), name: match[4] ?? '' }]
        : [];
    });
  }
  const listed = await must(
    'tar',
    ['--list', '--verbose', '--numeric-owner', '--quoting-style=escape', '--full-time', '--file', archive],
    { signal: live.signal },
  );
  return listed.flatMap((line) => {
    const match = /^(.)(\S{9})\S*\s+\S+\s+(\d+|\d+,\d+)\s+\S+\s+\S+\s(.+)$/.exec(line);
    if (!match) return line.trim() === '' ? [] : [{ type: '?', mode: '', bytes: 0, name: line }];
    const [name = '', target] = (match[4] ?? '').split(
      match[1] === 'h' ? ' link to ' : match[1] === 'l' ? ' -> ' : '\u0000',
    );
    return [{ type: match[1] ?? '', mode: match[2] ?? '', bytes: Number(match[3]) || 0, name, target }];
  });
}

/** Refuses an archive before anything of it is written. Throws `ARCHIVE_UNSAFE`, `ARCHIVE_TOO_LARGE`, `ARCHIVE_EMPTY`. */
function checkEntries(archive: string, entries: Entry[]): void {
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  if (entries.length === 0)
    throw new AegirError('ARCHIVE_EMPTY', `${archive} holds nothing`, 'Fetch it again.', 'from');
  if (entries.length > MAX_ENTRIES || bytes > MAX_BYTES) {
    throw new AegirError(
      'ARCHIVE_TOO_LARGE',
      `${archive} holds ${entries.length} entries, ${bytes} bytes`,
      `At most ${MAX_ENTRIES} entries and ${MAX_BYTES} bytes are unpacked.`,
      'from',
    );
  }
  for (const { name, type, target, mode } of entries) {
    const path = (text: string): boolean =>
      text.startsWith('/') || normalize(text).split('/')[0] === '..' || text.split('/').includes('..');
    if (path(name)) unsafe(archive, name, 'its path leads out of the archive');
    if (!['-', 'd', 'l', 'h', '?'].includes(type)) unsafe(archive, name, 'it is a device, pipe or socket');
    if (/[sS]/.test(mode)) unsafe(archive, name, 'it would run with the rights of another user');
    if (target === undefined) continue;
    const from = type === 'h' ? '' : dirname(name);
    if (target.startsWith('/') || normalize(join(from, target)).split('/')[0] === '..')
      unsafe(archive, name, `its link to ${target} leads out of the archive`);
  }
}

/** Looks again at what was written: what a list did not show must not be there either. */
function checkUnpacked(archive: string, to: string): void {
  walk(to, (path, kind) => {
    const name = path.slice(to.length + 1);
    if (kind === 'other') unsafe(archive, name, 'it is a device, pipe or socket');
    if (kind !== 'link') return;
    let real: string | undefined;
    try {
      real = realpathSync(path);
    } catch {
      return unsafe(archive, name, 'its link leads nowhere');
    }
    if (!`${real}/`.startsWith(`${to}/`)) unsafe(archive, name, 'its link leads out of the archive');
  });
}

function unsafe(archive: string, name: string, why: string): never {
  throw new AegirError(
    'ARCHIVE_UNSAFE',
    `${archive}: the entry "${name}" is refused: ${why}`,
    'Do not trust this archive.',
    'from',
  );
}

/** An archive with one folder at its top is that folder. */
function stripTopFolder(to: string): void {
  const [top, ...others] = readdirSync(to);
  if (top === undefined || others.length > 0 || !lstatSync(join(to, top)).isDirectory()) return;
  const aside = `${to}.top`;
  renameSync(join(to, top), aside);
  rmdirSync(to);
  renameSync(aside, to);
}

function checkEmptyFolder(policy: Policy, folder: string): void {
  checkPath(policy, folder);
  checkParents(policy, join(folder, 'entry'));
  if (readdirSync(folder).length > 0)
    throw new AegirError('FOLDER_EXISTS', `${folder} is not empty`, 'Remove it and try again.');
}

/** Runs a command that must succeed; returns its lines. The result alone would keep only the end of a long list. */
async function must(file: string, args: string[], live: ActOptions): Promise<string[]> {
  const lines: string[] = [];
  const result = await runCommand({
    file,
    args,
    timeoutMs: 1_800_000,
    signal: live.signal,
    onLine(stream, line) {
      if (stream === 'stdout') lines.push(line);
      live.onLine?.(stream, line);
    },
  });
  if (result.code === 0) return lines;
  live.signal?.throwIfAborted();
  const words = lastWords(result);
  if (/ENOENT|not found/.test(result.stderr) && result.code === -1) {
    throw new AegirError('COMMAND_MISSING', `this machine has no ${file}`, `Install it: apt-get install ${file}`);
  }
  if (/No space left|disk full/i.test(words))
    throw new AegirError('DISK_FULL', `no space is left to unpack: ${words}`, 'Make room, then try again.');
  throw new AegirError(
    'UNPACK_FAILED',
    `${file} failed: ${words}`,
    'The archive or package is damaged; fetch it again.',
    'from',
  );
}
