import { clientId } from '../db/clients.ts';
import type { Inventory } from '../db/inventory.ts';
import { findSite, ownerOfName } from '../db/sites.ts';
import { AegirError } from '../provision/errors.ts';
import { namesIn } from '../provision/tasks/site-alias.ts';
import { canonicalUri } from '../provision/uri.ts';
import { checkQuota } from './clients.ts';

type Check = (db: Inventory, uri: string, args: Record<string, unknown>) => void;

/** What an argument must find, or must not find, in the inventory, by task type. */
const checks: Record<string, Check> = {
  'site.alias': (db, uri, { add }) => {
    for (const name of namesIn(String(add ?? ''))) checkNameFree(db, uri, name, 'add');
  },
  'site.rename': (db, uri, { to }) => checkNameFree(db, uri, canonicalUri(String(to)), 'to'),
  'site.set': (db, uri, { client }) => {
    if (client !== undefined) checkClient(db, uri, String(client));
  },
};

/** Refuses arguments that the inventory contradicts: a name in use, a client that is not there. Throws AegirError. */
export function checkAgainstInventory(
  db: Inventory,
  type: string,
  object: string,
  args: Record<string, unknown>,
): void {
  checks[type]?.(db, object, args);
}

/** Refuses a name that another site has. Throws `URI_TAKEN`. */
export function checkNameFree(db: Inventory, uri: string, name: string, field: string): void {
  const owner = ownerOfName(db, name);
  if (owner === undefined || owner === uri) return;
  const what = owner === name ? `${name} is a site of its own` : `${name} is an alias of ${owner}`;
  throw new AegirError('URI_TAKEN', what, 'A name belongs to one site; take it from that one first.', field);
}

function checkClient(db: Inventory, uri: string, name: string): void {
  const site = findSite(db, uri);
  if (site?.client === name) return;
  if (clientId(db, name) === undefined) throw noClient(name);
  checkQuota(db, name, site?.diskBytes ?? 0);
}

const noClient = (name: string): AegirError =>
  new AegirError('NO_SUCH_OBJECT', `there is no client ${name}`, 'aegir client list shows what there is.', 'client');
