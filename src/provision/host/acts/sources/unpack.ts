import {
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { basename, dirname, join, normalize, resolve } from 'node:path';
import { z } from 'zod';
import { AegirError } from '../../../model/errors.ts';
import type { ActOptions } from '../../host.ts';
import { defineAct } from '../act.ts';
import { walk } from './debian/tree.ts';
import { checkEmptyFolder, must } from './tools.ts';

/** Limits of an archive: far above any CMS, far below a full disk. */
const MAX_ENTRIES = 200_000;
const MAX_BYTES = 4 * 1024 ** 3;

export const sourceUnpack = defineAct('source.unpack', {
  args: z.object({ archive: z.string().startsWith('/'), to: z.string() }),
  describe: ({ archive, to }) => `unpack ${archive} into ${to}`,
  async run({ archive, to }, policy, live) {
    checkEmptyFolder(policy, to);
    const kind = kindOf(archive);
    checkEntries(archive, await entriesOf(archive, kind, live));
    // unzip ends with 1 after a warning, such as that names of Windows were converted (unzip(1), DIAGNOSTICS).
    if (kind === 'zip') await must('unzip', ['-q', '-o', archive, '-d', to], live, [0, 1]);
    else await must('tar', ['-x', '--no-same-owner', '--no-same-permissions', '-f', archive, '-C', to], live);
    checkUnpacked(archive, to);
    removeMacTwins(to);
    stripTopFolder(to);
  },
});

type ArchiveKind = 'zip' | 'tar';

/** Detected by the first bytes, not by the name. */
function kindOf(archive: string): ArchiveKind {
  const start = startOf(archive, 512);
  const hex = start.toString('hex');
  if (hex.startsWith('504b0304') || hex.startsWith('504b0506')) return 'zip';
  const packed = ['1f8b', '28b52ffd', 'fd377a585a00', '425a68'].some((magic) => hex.startsWith(magic));
  if (packed || start.subarray(257, 262).toString() === 'ustar') return 'tar';
  throw new AegirError(
    'ARCHIVE_UNKNOWN',
    `${archive} is not an archive of a known format`,
    'Use zip, tar.gz, tar.zst, tar.xz or tar.bz2.',
    'from',
  );
}

/** The first bytes of a file. */
export function startOf(file: string, count: number): Buffer {
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
      const match = /^([-dlbcps?])(\S{6,9})\s+\S+\s+\S+\s+(\d+)\s+\S+\s+\d+\s+\S+\s+\S+\s+\S+\s(.+)$/.exec(line);
      return match
        ? // Windows separates the parts of a name by a backslash, which unzip converts.
          [
            {
              type: match[1] ?? '',
              mode: match[2] ?? '',
              bytes: Number(match[3]),
              name: (match[4] ?? '').replaceAll('\\', '/'),
            },
          ]
        : [];
    });
  }
  const listed = await must(
    'tar',
    // With --absolute-names tar prints link targets as stored in the archive.
    [
      '--list',
      '--absolute-names',
      '--verbose',
      '--numeric-owner',
      '--quoting-style=escape',
      '--full-time',
      '--file',
      archive,
    ],
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
  if (entries.length === 0) throw new AegirError('ARCHIVE_EMPTY', `${archive} is empty`, 'Fetch it again.', 'from');
  if (entries.length > MAX_ENTRIES || bytes > MAX_BYTES) {
    throw new AegirError(
      'ARCHIVE_TOO_LARGE',
      `${archive} contains ${entries.length} entries, ${bytes} bytes`,
      `At most ${MAX_ENTRIES} entries and ${MAX_BYTES} bytes are allowed.`,
      'from',
    );
  }
  for (const { name, type, target, mode } of entries) {
    const path = (text: string): boolean =>
      text.startsWith('/') || normalize(text).split('/')[0] === '..' || text.split('/').includes('..');
    if (path(name)) unsafe(archive, name, 'its path leads out of the archive');
    if (!['-', 'd', 'l', 'h', '?'].includes(type)) unsafe(archive, name, 'it is a device, pipe or socket');
    // Of a folder it only says which group its files get.
    if (type !== 'd' && /[sS]/.test(mode)) unsafe(archive, name, 'it would run with the rights of another user');
    if (target === undefined) continue;
    const from = type === 'h' ? '' : dirname(name);
    if (target.startsWith('/') || normalize(join(from, target)).split('/')[0] === '..')
      unsafe(archive, name, `its link to ${target} leads out of the archive`);
  }
}

/** Checks again what was written: the listing may not have shown everything. */
function checkUnpacked(archive: string, to: string): void {
  walk(to, (path, kind) => {
    const name = path.slice(to.length + 1);
    if (kind === 'other') unsafe(archive, name, 'it is a device, pipe or socket');
    if (kind !== 'link') return;
    const real = realOf(path) ?? nearestTo(path);
    if (!`${real}/`.startsWith(`${to}/`)) unsafe(archive, name, 'its link leads out of the archive');
  });
}

/** Removes what macOS adds to an archive: the folder `__MACOSX`, and a file `._name` beside each `name`. */
function removeMacTwins(to: string): void {
  rmSync(join(to, '__MACOSX'), { recursive: true, force: true });
  const twins: string[] = [];
  walk(to, (path, kind) => {
    const name = basename(path);
    if (
      kind === 'file' &&
      name.startsWith('._') &&
      lstatSync(join(dirname(path), name.slice(2)), { throwIfNoEntry: false })
    )
      twins.push(path);
  });
  for (const path of twins) rmSync(path);
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/**
 * The nearest existing parent of a missing link target: packages without their tests or documentation leave such links.
 * Where the path passes through another link, `..` cannot be read off its text, so the target counts as outside.
 */
function nearestTo(path: string): string {
  const target = readlinkSync(path);
  const steps = target.split('/');
  const first = steps.findIndex((step) => step !== '..' && step !== '.');
  if (steps.indexOf('..', Math.max(first, 0)) > first) return '/';
  let there = resolve(realpathSync(dirname(path)), target);
  for (;;) {
    const real = realOf(there);
    if (real !== undefined) return real;
    there = dirname(there);
  }
}

function unsafe(archive: string, name: string, why: string): never {
  throw new AegirError(
    'ARCHIVE_UNSAFE',
    `${archive}: the entry "${name}" is refused: ${why}`,
    'Do not trust this archive.',
    'from',
  );
}

/** Moves the content of an archive's single top folder up by one level. */
function stripTopFolder(to: string): void {
  const [top, ...others] = readdirSync(to);
  if (top === undefined || others.length > 0 || !lstatSync(join(to, top)).isDirectory()) return;
  const aside = `${to}.top`;
  renameSync(join(to, top), aside);
  rmdirSync(to);
  renameSync(aside, to);
}
