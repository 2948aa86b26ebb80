import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { z } from 'zod';
import { AegirError } from '../../model/errors.ts';
import { runCommand } from '../local/exec.ts';
import { SYSTEM_PATH } from '../local/system-path.ts';
import { checkPlain, checkUser, hasSiteUsers, type Policy } from '../policy.ts';
import { onThread } from '../streams/on-thread.ts';
import { type ResolvedCommand, resolveCommand } from '../streams/stream-command.ts';
import { giveFile } from '../streams/streams.ts';
import { defineAct } from './act.ts';
import { intoCommand } from './into-database.ts';
import { startOf } from './sources/unpack.ts';
import { streamCommand } from './user-command.ts';

const inside = z
  .string()
  .refine((path) => !path.startsWith('/') && !path.split('/').includes('..'), 'leads out of the folder');
/** The user that owns no files, on every Debian and Ubuntu. */
const NOBODY = 65_534;

export const foundFiles = defineAct('found.files', {
  args: z.strictObject({
    folder: z.string(),
    parts: z.array(z.strictObject({ from: inside, to: inside })),
    leave: z.array(inside),
    into: streamCommand,
  }),
  describe: ({ folder, parts, into }) =>
    `stream ${parts.map(({ from }) => from).join(', ')} of ${folder} to ${into.file} of ${into.user}`,
  async run({ folder, parts, leave, into }, policy, live) {
    checkUser(policy, into.user);
    checkPlain(folder);
    const args = [
      ...['--create', '--file=-', '--anchored', `--directory=${folder}`],
      ...leave.map((pattern) => `--exclude=${pattern}`),
      ...parts.map(({ from, to }) => `--transform=flags=r;s,^${plainPattern(from)}\\(/\\|$\\),${plainText(to)}\\1,`),
      ...['--', ...parts.map(({ from }) => from)],
    ];
    // Read as the user who could change these files meanwhile, and who can so reveal nothing that is not theirs to
    // read: the owner of the folder or, where that is root, of a part.
    const owners = [folder, ...parts.map(({ from }) => join(folder, from))].map((path) => lstatSync(path));
    const { uid, gid } = owners.find((fact) => fact.uid !== 0) ?? { uid: 0, gid: 0 };
    const source = { name: 'tar', ...asUser(policy, uid, gid, 'tar', args) };
    await onThread({ what: 'copy', from: source, into: resolveCommand(policy, into) }, live);
  },
});

/** Escapes a name for a sed pattern and its replacement. */
const plainPattern = (text: string): string => text.replaceAll(/[\\.*[\]^$,]/g, '\\$&');
const plainText = (text: string): string => text.replaceAll(/[\\&,]/g, '\\$&');

export const foundDump = defineAct('found.dump', {
  args: z.strictObject({ file: z.string(), into: streamCommand }),
  describe: ({ file, into }) => `stream the dump ${file} to ${into.file} of ${into.user}`,
  run({ file, into }, policy, live) {
    checkUser(policy, into.user);
    checkPlain(file);
    return intoCommand(policy, into, live, (sink) => giveFile(file, unpackersOf(file), sink, live));
  },
});

/** Chosen by the first bytes of the file, not by its name. */
function unpackersOf(file: string): Transform[] {
  const start = startOf(file, 16).toString('hex');
  if (start.startsWith('1f8b')) return [createGunzip()];
  if (start.startsWith('28b52ffd')) return [createZstdDecompress()];
  // A byte order mark may come first.
  const text = /^(?:\xef\xbb\xbf)?[\s\w/#*!`(-]/.test(startOf(file, 4).toString('latin1'));
  if (text && !start.startsWith('504b0304') && !start.startsWith('425a68')) return [];
  throw new AegirError('DUMP_UNFIT', `${file} is not an SQL dump`, 'Give a file .sql, .sql.gz or .sql.zst.', 'dump');
}

export const foundDatabase = defineAct('found.database', {
  args: z.strictObject({
    from: z.strictObject({
      host: z.string().regex(/^[A-Za-z0-9.:_-]*$/),
      port: z.number(),
      socket: z.string(),
      account: z.string(),
      password: z.string(),
      name: z.string().regex(/^[^-]/, 'not an option'),
    }),
    into: streamCommand,
  }),
  describe: ({ from, into }) => `stream the database ${from.name} of ${from.account} to ${into.file} of ${into.user}`,
  async run({ from, into }, policy, live) {
    checkUser(policy, into.user);
    const { host, port, socket, account, password, name } = from;
    const place = socket ? [`--socket=${socket}`] : [`--host=${host}`, ...(port ? [`--port=${port}`] : [])];
    const login = [...place, `--user=${account}`, '--default-character-set=utf8mb4', '--max-allowed-packet=1G'];
    const how = [
      '--single-transaction',
      '--quick',
      '--skip-lock-tables',
      '--hex-blob',
      '--no-tablespaces',
      '--loose-dump-history',
    ];
    // Runs as a user without rights: an account from elsewhere must not act with the rights of root.
    const client = (file: string, args: string[]): ResolvedCommand => {
      const source = asUser(policy, NOBODY, NOBODY, file, ['--no-defaults', ...login, ...args]);
      return { name: file, ...source, env: { ...source.env, MYSQL_PWD: password } };
    };
    // These options are added only where there is something to dump: mariadb-dump fails with an account that may not
    // see them.
    const has = async (what: string, column: string): Promise<boolean> => {
      const query = `SELECT 1 FROM information_schema.${what} WHERE ${column} = DATABASE() LIMIT 1`;
      const { stdout } = await runCommand(client('mariadb', ['--batch', '--skip-column-names', `-e${query}`, name]));
      return stdout.trim() === '1';
    };
    const more = [
      ...((await has('ROUTINES', 'ROUTINE_SCHEMA')) ? ['--routines'] : []),
      ...((await has('EVENTS', 'EVENT_SCHEMA')) ? ['--events'] : []),
    ];
    const dump = client('mariadb-dump', [...how, '--triggers', ...more, name]);
    await intoCommand(policy, into, live, (sink) => onThread({ what: 'copy', from: dump, into: sink }, live));
  },
});

function asUser(policy: Policy, uid: number, gid: number, file: string, args: string[]): Omit<ResolvedCommand, 'name'> {
  const env = { PATH: SYSTEM_PATH };
  if (!hasSiteUsers(policy)) return { file, args, env };
  const ids = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs'];
  return { file: 'setpriv', args: [...ids, '--', file, ...args], env };
}
