import { readFileSync } from 'node:fs';
import { AegirError } from '../../model/errors.ts';
import type { AccountFact } from '../host.ts';

/** An account by name, from /etc/passwd (passwd(5)): site users are always local. */
export function accountOf(user: string): AccountFact | undefined {
  const row = rows('/etc/passwd').find(([name]) => name === user);
  return row && { uid: Number(row[2]), gid: Number(row[3]), home: row[5] ?? '' };
}

/** The name of the account that has a user id. */
export const accountOfUid = (uid: number): string | undefined => nameOfId('/etc/passwd', uid);

/** The id of a group by name, from /etc/group (group(5)). */
export function groupId(group: string): number | undefined {
  const row = rows('/etc/group').find(([name]) => name === group);
  return row && Number(row[2]);
}

/** The name of the group that has an id. */
export const groupOfId = (gid: number): string | undefined => nameOfId('/etc/group', gid);

/**
 * User and group ids of an owner and a group. `root` means the user that the program runs as, so that an ordinary
 * user's root folder works like a server's. Throws `USER_MISSING`.
 */
export function idsOf(owner: string, group: string): { uid: number; gid: number } {
  const uid = owner === 'root' ? (process.geteuid?.() ?? 0) : accountOf(owner)?.uid;
  const gid = group === 'root' ? (process.getegid?.() ?? 0) : groupId(group);
  if (uid === undefined || gid === undefined) {
    const what = uid === undefined ? `user ${owner}` : `group ${group}`;
    throw new AegirError('USER_MISSING', `this machine has no ${what}`, 'aegir doctor shows what is missing.');
  }
  return { uid, gid };
}

const nameOfId = (file: string, id: number): string | undefined => rows(file).find((row) => Number(row[2]) === id)?.[0];

/** The rows of an account file. Lines without an id (empty ones, old NIS entries) are skipped. */
const rows = (file: string): string[][] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .filter(([name = '', , id = '']) => name !== '' && /^[0-9]+$/.test(id));
