import { recordAudit } from '../db/audit.ts';
import { findSite } from '../db/sites.ts';
import { commandInSite, databasePrompt } from '../provision/engines/site-commands.ts';
import type { Host } from '../provision/host/host.ts';
import { runOnTerminal } from '../provision/host/local/on-terminal.ts';
import type { SiteContext } from '../provision/model/context.ts';
import { AegirError } from '../provision/model/errors.ts';
import { canonicalUri } from '../provision/model/uri.ts';
import { interactiveRefusal } from './availability.ts';
import { siteContextOf } from './contexts.ts';
import { hostOf } from './local-deps.ts';
import { type Queue, refuseReadOnly } from './queue-access.ts';

/** A site in which a person works interactively. */
export interface OpenedSite {
  host: Host;
  site: SiteContext;
}

/**
 * Runs a command in a site as its own user, on the terminal; without arguments a shell. Returns the exit code. Throws
 * `READ_ONLY`, `NO_SUCH_OBJECT`, `SITE_INSTALLING`, `SITE_DELETING`, `USER_MISSING`.
 */
export async function execInSite(queue: Queue, uri: string, command: readonly string[]): Promise<number> {
  const { host, site } = openSite(queue, uri, command.length > 0 ? 'site.exec' : 'site.shell');
  return (await host.act('user.terminal', await commandInSite(host, queue.program, site, command, process.env))).code;
}

/**
 * Opens the prompt of a site's database on the terminal. Returns the exit code. Throws as `execInSite`,
 * `CLIENT_MISSING`.
 */
export async function promptDatabase(queue: Queue, uri: string): Promise<number> {
  const { host, site } = openSite(queue, uri, 'site.db');
  return (await host.act('user.terminal', await databasePrompt(host, queue.program.services, site, process.env))).code;
}

/** Opens the person's own shell on the server, on the terminal. Returns the exit code. Throws `READ_ONLY`. */
export function shellOnServer(queue: Queue): Promise<number> {
  refuseReadOnly(queue);
  recordAudit(queue.inventory, queue.actor, { action: 'server.shell', objectKind: 'server', objectName: '' });
  const { SHELL = '/bin/sh', HOME = '/' } = process.env;
  const env = Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? '']));
  return runOnTerminal({ file: SHELL, args: [], cwd: HOME, env: { ...env, AEGIR_ROOT: queue.paths.root } });
}

/** Opens a site for interactive work, and records who does what in the audit log. Throws as `execInSite`. */
export function openSite(queue: Queue, typed: string, action: string): OpenedSite {
  const { inventory, paths, actor } = queue;
  const uri = canonicalUri(typed);
  const row = findSite(inventory, uri);
  if (!row) throw new AegirError('NO_SUCH_OBJECT', `there is no site ${uri}`, 'aegir site list shows what there is.');
  refuseReadOnly(queue);
  const refusal = interactiveRefusal(row);
  if (refusal) throw new AegirError(refusal.code, refusal.message, refusal.hint);
  const site = siteContextOf(inventory, paths.root, row.uri);
  recordAudit(inventory, actor, { action, objectKind: 'site', objectName: row.uri });
  return { host: hostOf(inventory, paths, site.server), site };
}
