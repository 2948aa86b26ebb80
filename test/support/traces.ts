import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { findSite, ownerOfName } from '../../src/db/sites.ts';
import type { StackRoot } from './inventory.ts';
import type { Stack } from './stack.ts';

/**
 * Every trace that a site has on the machine, found without the code under test: users, groups, processes, folders,
 * configuration, links, databases, accounts, rows. Empty when nothing of it is left.
 */
export async function tracesOf(
  stack: Stack,
  root: StackRoot,
  site: { handle: string; uri: string },
  platforms: string[] = [],
): Promise<string[]> {
  const { handle, uri } = site;
  const found: string[] = [];
  const named = (file: string): boolean =>
    readFileSync(file, 'utf8')
      .split('\n')
      .some((line) => line.split(':')[0] === handle);
  if (named('/etc/passwd')) found.push(`user ${handle}`);
  if (named('/etc/group')) found.push(`group ${handle}`);
  const there = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  for (const path of [
    join(stack.paths.sites, handle),
    join(stack.paths.serviceLogs, handle),
    join(stack.paths.etc, 'sites', handle),
    join(stack.paths.byName, uri),
    join(stack.paths.run, 'php', `${handle}.sock`),
    ...platforms.map((platform) => join(platform, 'sites', uri)),
  ]) {
    if (there(path)) found.push(path);
  }
  for (const file of filesBelow(stack.paths.config)) {
    if (file.includes(handle) || readFileSync(file, 'utf8').includes(handle)) found.push(file);
  }
  found.push(...(await databaseTraces(stack, handle)));
  if (findSite(root.inventory, uri)) found.push(`site row ${uri}`);
  if (ownerOfName(root.inventory, uri)) found.push(`name ${uri}`);
  return found;
}

async function databaseTraces(stack: Stack, handle: string): Promise<string[]> {
  const database = stack.server.services.find((service) => service.kind === 'db');
  const db = await createConnection({ socketPath: String(database?.settings.socket), user: 'root' });
  try {
    const [schemata] = await db.query(
      'SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name LIKE ?',
      [`${handle}r%`],
    );
    const [accounts] = await db.query('SELECT User AS name FROM mysql.global_priv WHERE User = ?', [handle]);
    return [...(schemata as { name: string }[]), ...(accounts as { name: string }[])].map(
      ({ name }) => `database or account ${name}`,
    );
  } finally {
    await db.end();
  }
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** Processes of a user; none when there is no such user. */
export function processesOf(user: string): string[] {
  try {
    return execFileSync('ps', ['-o', 'pid=,args=', '-U', user], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .trim()
      .split('\n')
      .filter(Boolean);
  } catch {
    return [];
  }
}

/** True when a file is there. */
export const isThere = (path: string): boolean => existsSync(path);
