import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { AegirError } from '../../model/errors.ts';
import { checkPath, checkPlain } from '../policy.ts';
import { defineAct } from './act.ts';
import { checkEmptyFolder } from './sources/tools.ts';

/** The files of a backup. An archive may hold nothing else. */
const parts = ['manifest.json', 'database.zst', 'files.tar.zst'];

export const backupExport = defineAct('backup.export', {
  args: z.strictObject({ folder: z.string(), to: z.string().startsWith('/') }),
  describe: ({ folder, to }) => `write ${folder} as the archive ${to}`,
  async run({ folder, to }, policy) {
    checkPath(policy, folder, [policy.paths.backups]);
    checkPlain(to);
    if (lstatSync(to, { throwIfNoEntry: false })) {
      throw new AegirError('FILE_EXISTS', `${to} already exists`, 'Name a file that does not exist yet.', 'file');
    }
    const { create } = await import('tar');
    // The file gets its final name only once it is complete.
    const part = `${to}.${randomBytes(4).toString('hex')}.part`;
    try {
      await create(
        { file: part, cwd: dirname(folder), portable: true, mode: 0o600 },
        parts.map((name) => `${basename(folder)}/${name}`),
      );
      chmodSync(part, 0o600);
      renameSync(part, to);
    } finally {
      rmSync(part, { force: true });
    }
  },
});

export const backupOpen = defineAct('backup.open', {
  args: z.strictObject({ archive: z.string().startsWith('/'), into: z.string() }),
  describe: ({ archive, into }) => `unpack the backup ${archive} into ${into}`,
  async run({ archive, into }, policy) {
    checkPath(policy, into, [policy.paths.backups]);
    checkEmptyFolder(policy, into);
    const { extract } = await import('tar');
    const found = new Set<string>();
    const reading = extract({
      file: archive,
      cwd: into,
      strip: 1,
      strict: true,
      preserveOwner: false,
      filter(path, entry) {
        const [, name = '', ...more] = path.split('/');
        const wanted = more.length === 0 && parts.includes(name) && 'type' in entry && entry.type === 'File';
        if (wanted) found.add(name);
        return wanted;
      },
    });
    await reading.catch((error: unknown) => damaged(error, archive));
    const missing = parts.find((part) => !found.has(part));
    if (missing === undefined) return;
    throw new AegirError(
      'BACKUP_UNKNOWN',
      `${archive} holds no ${missing}`,
      'Make one with: aegir backup export',
      'file',
    );
  },
});

/** Blames the archive only for errors of the archive itself; others, such as a full disk, are passed on. */
function damaged(error: unknown, archive: string): never {
  if (!(error instanceof Error) || !('code' in error) || !/^(TAR_|Z_|ERR_)/.test(String(error.code))) throw error;
  throw new AegirError('BACKUP_DAMAGED', `${archive} cannot be read: ${error.message}`, 'Copy it again.', 'file');
}
