import type { Inventory } from '../db/inventory.ts';
import { findPlatform, type PlatformRow } from '../db/platforms.ts';
import { keptRelease, sitesKeptOn } from '../db/releases.ts';
import { findServer } from '../db/servers.ts';
import { findSite, type SiteRow, sitesOn } from '../db/sites.ts';
import { unfinishedTask } from '../db/task-recovery.ts';
import { isBusy, type ObjectKind, waitingTask } from '../db/tasks.ts';

/** Why a task cannot be queued now, and what would allow it. */
export interface Refusal {
  code: string;
  message: string;
  hint: string;
}

type Rule<T> = (object: T, db: Inventory) => Refusal | undefined;

/**
 * The rules by task and state: the only place that refuses tasks, used by console, command line and queue. A task type
 * that is not listed only has the rules that apply to all.
 */
const siteRules: Record<string, Rule<SiteRow>> = {
  'site.verify': settled,
  'site.login': (site) => settled(site) ?? open(site),
  'site.enable': (site) =>
    settled(site) ?? (isDisabled(site) ? undefined : no('SITE_ENABLED', `${site.uri} is not disabled`, 'It is shown.')),
  'site.disable': (site) => settled(site) ?? open(site),
  'site.cron': (site) => settled(site) ?? open(site),
  'site.update': settled,
  'site.rename': settled,
  'site.migrate': settled,
  'site.back': (site, db) => settled(site) ?? withKept(site, db),
  'site.forget': (site, db) => settled({ ...site, lockReason: null }) ?? withKept(site, db),
  'site.alias': settled,
  'site.redirect': settled,
  'site.set': settled,
  'site.lock': settled,
  'site.unlock': (site) =>
    site.lockReason ? undefined : no('SITE_UNLOCKED', `${site.uri} is not locked`, 'Nothing stops its tasks.'),
  // A locked site can still be backed up.
  'site.backup': (site) => settled({ ...site, lockReason: null }),
  'site.restore': settled,
  'site.delete': deletable,
};

const platformRules: Record<string, Rule<PlatformRow>> = {
  'platform.verify': settledPlatform,
  'platform.lock': settledPlatform,
  'platform.unlock': ({ name, lockReason }) =>
    lockReason ? undefined : no('PLATFORM_UNLOCKED', `platform ${name} is not locked`, 'Nothing stops its tasks.'),
  'platform.delete': (platform, db) => settledPlatform(platform) ?? withoutSites(platform, db),
};

/** The reason why a task on an object that exists cannot be queued now; undefined when it can. */
export function refusalOf(db: Inventory, type: string, kind: ObjectKind, name: string): Refusal | undefined {
  // A delete also removes whatever an undo has left.
  const unfinished = type === 'site.delete' ? undefined : unfinishedRefusal(db, kind, name);
  return stateRefusal(db, type, kind, name) ?? unfinished ?? duplicateRefusal(db, type, kind, name);
}

/** The reason why a site cannot be copied now. A locked one can, since it does not change. */
export function sourceRefusal(db: Inventory, site: SiteRow): Refusal | undefined {
  return settled({ ...site, lockReason: null }) ?? unfinishedRefusal(db, 'site', site.uri);
}

/** The reason why nobody can work in a site interactively now. In a locked one people can, to repair it. */
export const handOverRefusal = (site: SiteRow): Refusal | undefined => settled({ ...site, lockReason: null });

/** The reason why a new site cannot be created on a platform now. */
export function newSiteRefusal(db: Inventory, platform: PlatformRow): Refusal | undefined {
  return (
    settledPlatform(platform) ??
    (platform.state === 'failed'
      ? no(
          'PLATFORM_FAILED',
          `platform ${platform.name} is damaged`,
          `aegir platform verify ${platform.name} shows what is wrong.`,
        )
      : unfinishedRefusal(db, 'platform', platform.name))
  );
}

function stateRefusal(db: Inventory, type: string, kind: ObjectKind, name: string): Refusal | undefined {
  if (kind === 'site') {
    const site = findSite(db, name);
    return site ? siteRules[type]?.(site, db) : missing(kind, name);
  }
  if (kind === 'platform') {
    const platform = findPlatform(db, name);
    return platform ? platformRules[type]?.(platform, db) : missing(kind, name);
  }
  return findServer(db, name) ? undefined : missing(kind, name);
}

function settled(site: SiteRow): Refusal | undefined {
  if (site.state === 'installing') {
    return no('SITE_INSTALLING', `${site.uri} is being installed`, 'Wait for that task, or cancel it.');
  }
  if (site.state === 'deleting') return no('SITE_DELETING', `${site.uri} is being deleted`, 'Wait for that task.');
  if (site.lockReason) return no('SITE_LOCKED', `${site.uri} is locked: ${site.lockReason}`, 'Unlock it first.');
  return undefined;
}

/** A site whose creation could not be undone can be deleted: there is no task left to wait for. */
function deletable(site: SiteRow, db: Inventory): Refusal | undefined {
  const abandoned = site.state === 'installing' && !isBusy(db, 'site', site.uri);
  return settled(abandoned ? { ...site, state: 'failed' } : site);
}

/** A damaged site can be disabled too, so its state alone is not enough. */
const isDisabled = (site: SiteRow): boolean => site.web.serving === 'disabled';

const open = (site: SiteRow): Refusal | undefined =>
  isDisabled(site) ? no('SITE_DISABLED', `${site.uri} is disabled`, 'Enable it first.') : undefined;

function settledPlatform(platform: PlatformRow): Refusal | undefined {
  const { name, state, lockReason } = platform;
  if (state === 'adding') return no('PLATFORM_ADDING', `platform ${name} is being added`, 'Wait for that task.');
  if (state === 'deleting') return no('PLATFORM_DELETING', `platform ${name} is being deleted`, 'Wait for that task.');
  if (lockReason) return no('PLATFORM_LOCKED', `platform ${name} is locked: ${lockReason}`, 'Unlock it first.');
  return undefined;
}

const withKept = (site: SiteRow, db: Inventory): Refusal | undefined =>
  keptRelease(db, site.id)
    ? undefined
    : no(
        'NOTHING_KEPT',
        `${site.uri} has nothing to go back to`,
        'A migration keeps the previous release for some days.',
      );

function withoutSites(platform: PlatformRow, db: Inventory): Refusal | undefined {
  const { count, first } = sitesOn(db, platform.name, 5);
  if (count === 0) {
    const [kept, ...more] = sitesKeptOn(db, platform.name);
    if (kept === undefined) return undefined;
    const who = more.length > 0 ? `${kept} and ${more.length} more` : kept;
    return no(
      'PLATFORM_IN_USE',
      `${who} can go back to ${platform.name}`,
      `Remove the kept release first: aegir site forget ${kept}`,
    );
  }
  const named = count > 5 ? `${first.join(', ')} and ${count - 5} more` : first.join(', ');
  return no('PLATFORM_IN_USE', `platform ${platform.name} has sites: ${named}`, 'Move or delete them first.');
}

function unfinishedRefusal(db: Inventory, kind: ObjectKind, name: string): Refusal | undefined {
  const task = unfinishedTask(db, kind, name);
  if (!task) return undefined;
  return no(
    'OBJECT_LOCKED',
    `${kind} ${name} is locked: task ${task.id} ${task.unfinished}`,
    `Fix the cause, then run: aegir task recover ${task.id}`,
  );
}

function duplicateRefusal(db: Inventory, type: string, kind: ObjectKind, name: string): Refusal | undefined {
  const other = waitingTask(db, type, kind, name);
  if (other === undefined) return undefined;
  return no('TASK_DUPLICATE', `task ${other} already waits to do this`, 'Watch it, or cancel it first.');
}

const missing = (kind: ObjectKind, name: string): Refusal =>
  no('NO_SUCH_OBJECT', `there is no ${kind} ${name}`, `aegir ${kind} list shows what there is.`);

const no = (code: string, message: string, hint: string): Refusal => ({ code, message, hint });
