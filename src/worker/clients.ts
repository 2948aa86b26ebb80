import { z } from 'zod';
import { recordAudit } from '../db/audit.ts';
import {
  type ClientFacts,
  type ClientRow,
  DEFAULT_CLIENT,
  findClient,
  insertClient,
  removeClient,
  sitesOfClient,
  updateClient,
} from '../db/clients.ts';
import { type Inventory, transact } from '../db/inventory.ts';
import { AegirError } from '../provision/model/errors.ts';
import { fieldInfo } from '../provision/tasks/model/fields.ts';
import { type Access, refuseReadOnly } from './queue-access.ts';

/** The facts of a client, as fields of a form. */
export const clientArgs = z.object({
  mail: z.string().max(200).optional().register(fieldInfo, {
    title: 'E-mail',
    value: 'address',
    help: 'E-mail address of this client.',
    example: 'ann@example.org',
  }),
  maxSites: z.int().min(0).optional().register(fieldInfo, {
    title: 'Site limit',
    help: 'How many sites this client may have; 0 for no limit.',
  }),
  maxDiskMb: z.int().min(0).optional().register(fieldInfo, {
    title: 'Disk limit, MB',
    flag: '--max-disk',
    value: 'megabytes',
    help: 'How much disk space all its sites may use together, in MB; 0 for no limit.',
  }),
});

/** The same for an existing client. */
export const clientEditArgs = z.object({
  rename: z.string().max(63).optional().register(fieldInfo, { title: 'Name', value: 'name', help: 'Its new name.' }),
  ...clientArgs.shape,
});

/** Changes to a client; undefined keeps the old value, a quota of 0 means none. */
export interface ClientChange {
  rename?: string | undefined;
  mail?: string | undefined;
  maxSites?: number | undefined;
  maxDiskMb?: number | undefined;
}

const MB = 1_000_000;

/**
 * Adds a client. A client exists only in the inventory, so no task is needed. Throws `NAME_TAKEN`, `NAME_INVALID`,
 * `ARGUMENT_INVALID`.
 */
export function addClient(queue: Access, name: string, change: ClientChange): void {
  changeClients(queue, 'client.add', name, (db) => {
    if (findClient(db, name)) throw taken(name);
    insertClient(db, withChange({ name, mail: '', maxSites: null, maxDiskBytes: null }, change));
  });
}

/** Changes a client. A quota below its current usage only prevents more. Throws as `addClient`, `NO_SUCH_OBJECT`. */
export function editClient(queue: Access, name: string, change: ClientChange): void {
  changeClients(queue, 'client.edit', name, (db) => {
    const client = mustFind(db, name);
    if (change.rename !== undefined && change.rename !== name && findClient(db, change.rename))
      throw taken(change.rename);
    if (name === DEFAULT_CLIENT && change.rename !== undefined && change.rename !== name) throw isDefault();
    updateClient(db, name, withChange(client, change));
  });
}

/** Removes a client that has no sites. Throws `CLIENT_IN_USE` naming them, `CLIENT_DEFAULT`, `NO_SUCH_OBJECT`. */
export function deleteClient(queue: Access, name: string): void {
  changeClients(queue, 'client.remove', name, (db) => {
    const sites = sitesOfClient(db, mustFind(db, name).id);
    if (name === DEFAULT_CLIENT) throw isDefault();
    if (sites.length > 0) {
      const named =
        sites.length > 5 ? `${sites.slice(0, 5).join(', ')} and ${sites.length - 5} more` : sites.join(', ');
      const hint = 'Move them to another client first: aegir site set URI --client NAME.';
      throw new AegirError('CLIENT_IN_USE', `client ${name} has sites: ${named}`, hint);
    }
    removeClient(db, name);
  });
}

/**
 * Refuses one more site for a client whose quota is reached. Called in the transaction that queues an install, clone or
 * import. `bytes` is the known size of the site. Throws `QUOTA_REACHED`.
 */
export function checkQuota(db: Inventory, name: string, bytes = 0): void {
  const client = findClient(db, name);
  if (!client) return;
  const { maxSites, maxDiskBytes, sites, diskBytes } = client;
  const refuse = (what: string): never => {
    const hint = `Remove something, or raise the quota: aegir client edit ${name} --help`;
    throw new AegirError('QUOTA_REACHED', `client ${name} ${what}`, hint, 'client');
  };
  if (maxSites !== null && sites >= maxSites) refuse(`may have ${maxSites} sites and has ${sites}`);
  if (maxDiskBytes !== null && diskBytes + bytes >= maxDiskBytes) {
    refuse(`may use ${Math.round(maxDiskBytes / MB)} MB and uses ${Math.round((diskBytes + bytes) / MB)} MB`);
  }
}

function changeClients(queue: Access, action: string, name: string, work: (db: Inventory) => void): void {
  refuseReadOnly(queue);
  transact(queue.inventory, () => {
    work(queue.inventory);
    recordAudit(queue.inventory, queue.actor, { action, objectKind: 'client', objectName: name });
  });
}

/** The facts of a client after a change, checked. */
function withChange(client: ClientFacts, { rename, mail, maxSites, maxDiskMb }: ClientChange): ClientFacts {
  const name = rename ?? client.name;
  if (!/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,62}$/u.test(name)) {
    const hint = 'Letters, digits, spaces, dots, hyphens and underscores, at most 63.';
    throw new AegirError('NAME_INVALID', `"${name}" cannot be the name of a client`, hint, 'name');
  }
  if (mail !== undefined && mail !== '' && !/^[^\s@]+@[^\s@]+$/.test(mail)) {
    throw new AegirError('ARGUMENT_INVALID', `"${mail}" is not an e-mail address`, 'name@example.org', 'mail');
  }
  return {
    name,
    mail: mail ?? client.mail,
    maxSites: quota(maxSites, client.maxSites, 1, 'max-sites'),
    maxDiskBytes: quota(maxDiskMb, client.maxDiskBytes, MB, 'max-disk'),
  };
}

function quota(wanted: number | undefined, now: number | null, unit: number, flag: string): number | null {
  if (wanted === undefined) return now;
  if (!Number.isSafeInteger(wanted) || wanted < 0 || !Number.isSafeInteger(wanted * unit)) {
    throw new AegirError(
      'ARGUMENT_INVALID',
      `--${flag} ${wanted} is not a quota`,
      'Give a whole number; 0 for no limit.',
      flag,
    );
  }
  return wanted === 0 ? null : wanted * unit;
}

function mustFind(db: Inventory, name: string): ClientRow {
  const client = findClient(db, name);
  if (client) return client;
  throw new AegirError('NO_SUCH_OBJECT', `there is no client ${name}`, 'aegir client list shows what there is.');
}

const taken = (name: string): AegirError =>
  new AegirError('NAME_TAKEN', `client ${name} exists already`, 'Choose another name.', 'name');

const isDefault = (): AegirError =>
  new AegirError(
    'CLIENT_DEFAULT',
    `client ${DEFAULT_CLIENT} owns all sites without another client`,
    'It cannot be changed.',
  );
