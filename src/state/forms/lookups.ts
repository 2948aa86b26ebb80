import { findBackup, listBackups } from '../../db/backups.ts';
import { type Inventory, openInventoryForReading } from '../../db/inventory.ts';
import { listClientNames, listSiteNames } from '../../db/lists.ts';
import { findPlatform, listPlatforms, type PlatformRow } from '../../db/platforms.ts';
import { listServers, type ServiceRow } from '../../db/servers.ts';
import { findSite, ownerOfName } from '../../db/sites.ts';
import { phpBranches, serviceId, serviceName } from '../../provision/model/context.ts';
import type { FormState } from '../model/form.ts';
import { answerOf } from './form.ts';
import type { KnownNames } from './make-form.ts';

/** Opens the inventory to read; undefined while there is none or setup is still making it. */
export function openWhole(file: string): Inventory | undefined {
  const db = openInventoryForReading(file);
  if (!db || Number(db.pragma('user_version', { simple: true })) > 0) return db;
  db.close();
  return undefined;
}

/** Who has a name already, said as a reason; undefined when it is free. */
export function takenBy(db: Inventory, kind: string, name: string): string | undefined {
  if (kind === 'platform') return findPlatform(db, name) ? `there is a platform ${name} already` : undefined;
  const owner = kind === 'site' ? ownerOfName(db, name) : undefined;
  if (owner === undefined) return undefined;
  return owner === name ? `${name} exists already` : `${name} is an alias of ${owner}`;
}

/** Ready platforms of the same CMS as one. */
export function platformsLike(db: Inventory, name: string): { name: string; about: string }[] {
  const engine = findPlatform(db, name)?.engine;
  return listPlatforms(db)
    .filter((other) => other.name !== name && other.engine === engine && other.state === 'ready')
    .map((other) => ({ name: other.name, about: `${other.engine} ${other.version}` }));
}

/** The services of a server. */
const servicesOf = (db: Inventory, server: string | undefined): readonly ServiceRow[] =>
  listServers(db).find(({ name }) => name === server)?.services ?? [];

/** What questions of a form offer; the backups are those of its object, where that is a site. */
export const knownNames = (db: Inventory, form: FormState): KnownNames => ({
  clients: () => listClientNames(db),
  services: () =>
    servicesOf(db, form.objects[0]).map((service, _at, all) => ({
      id: serviceId(all, service),
      name: serviceName(service),
    })),
  phps: () => listServers(db).flatMap(({ services }) => phpBranches(services)),
  sites: () => listSiteNames(db),
  platforms: () => fittingPlatforms(db, form),
  backups: () => listBackups(db, form.objects[0]),
  allBackups: () => listBackups(db),
});

/** Those that can be meant: of the same CMS as the site, or as what the new one is made of; to move, another one. */
function fittingPlatforms(db: Inventory, form: FormState): PlatformRow[] {
  const { definition, objects, questions } = form;
  const own = findSite(db, (definition.creates ? answerOf(form, 'source') : objects[0]) ?? '');
  const engine = own?.engine ?? findBackup(db, answerOf(form, 'backup'))?.engine;
  return listPlatforms(db).filter(
    (platform) =>
      (engine === undefined || platform.engine === engine) &&
      (platform.name !== own?.platform || !questions.some(({ choices }) => choices === 'otherPlatforms')),
  );
}
