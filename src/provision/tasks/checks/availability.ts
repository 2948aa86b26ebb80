import { AegirError } from '../../model/errors.ts';
import {
  type BackupRecord,
  type PlatformRecord,
  type Records,
  type Refusal,
  refuse,
  type SiteRecord,
} from '../model/records.ts';

/** A site that is neither being made nor taken away, and not locked. */
export function settled(site: SiteRecord): Refusal | undefined {
  if (site.state === 'installing')
    return refuse('SITE_INSTALLING', `${site.uri} is being installed`, 'Wait for that task, or cancel it.');
  if (site.state === 'deleting') return refuse('SITE_DELETING', `${site.uri} is being deleted`, 'Wait for that task.');
  if (site.lockReason) return refuse('SITE_LOCKED', `${site.uri} is locked: ${site.lockReason}`, 'Unlock it first.');
  return undefined;
}

/** The same, but it may be locked: for what does not change it. */
export const settledOrLocked = (site: SiteRecord): Refusal | undefined => settled({ ...site, lockReason: null });

/** A damaged site can be disabled too, so its state alone is not enough. */
export const isDisabled = (site: SiteRecord): boolean => site.web.serving === 'disabled';

/** A settled site that its visitors can see. */
export const shown = (site: SiteRecord): Refusal | undefined =>
  settled(site) ??
  (isDisabled(site) ? refuse('SITE_DISABLED', `${site.uri} is disabled`, 'Enable it first.') : undefined);

/** A site that can go back to the release before its last migration. */
export const withKept = (site: SiteRecord, records: Records): Refusal | undefined =>
  records.hasKept(site.uri)
    ? undefined
    : refuse(
        'NOTHING_KEPT',
        `${site.uri} has nothing to go back to`,
        'A migration keeps the previous release for some days.',
      );

/** A platform that is neither being added nor taken away, and not locked. */
export function settledPlatform({ name, state, lockReason }: PlatformRecord): Refusal | undefined {
  if (state === 'adding') return refuse('PLATFORM_ADDING', `platform ${name} is being added`, 'Wait for that task.');
  if (state === 'deleting')
    return refuse('PLATFORM_DELETING', `platform ${name} is being deleted`, 'Wait for that task.');
  if (lockReason) return refuse('PLATFORM_LOCKED', `platform ${name} is locked: ${lockReason}`, 'Unlock it first.');
  return undefined;
}

/** The reason why a new site cannot be created on a platform now. */
export function newSiteRefusal(platform: PlatformRecord, records: Records): Refusal | undefined {
  const { name, state } = platform;
  if (state !== 'failed') return settledPlatform(platform) ?? records.unfinished('platform', name);
  return (
    settledPlatform(platform) ??
    refuse('PLATFORM_FAILED', `platform ${name} is damaged`, `aegir platform verify ${name} shows what is wrong.`)
  );
}

/** The reason why a site cannot be copied now. A locked one can, since it does not change. */
export const sourceRefusal = (site: SiteRecord, records: Records): Refusal | undefined =>
  settledOrLocked(site) ?? records.unfinished('site', site.uri);

/** Throws a refusal, with the argument that is to blame. */
export function throwRefusal(refusal: Refusal | undefined, field?: string): void {
  if (refusal) throw new AegirError(refusal.code, refusal.message, refusal.hint, field);
}

/** A platform that can take sites now. Throws `NO_SUCH_OBJECT`, `PLATFORM_…`. */
export function usablePlatform(records: Records, name: string): PlatformRecord {
  const platform = records.platform(name);
  if (!platform) throw noSuch('platform', name, 'platform');
  throwRefusal(newSiteRefusal(platform, records), 'platform');
  return platform;
}

/** A site that can be copied now. Throws `NO_SUCH_OBJECT`, `SITE_…`. */
export function usableSource(records: Records, uri: string): SiteRecord {
  const source = records.site(uri);
  if (!source) throw noSuch('site', uri, 'source');
  throwRefusal(sourceRefusal(source, records), 'source');
  return source;
}

/** A backup by its name; the error lists the newest, with `uri` those of that site. Throws `NO_SUCH_OBJECT`. */
export function knownBackup(records: Records, name: string, uri?: string): BackupRecord {
  const backup = records.backup(name);
  if (backup) return backup;
  throw noSuchBackup(records, name, uri);
}

/** The same error for whoever needs more of a backup than its record. */
export function noSuchBackup(records: Pick<Records, 'newestBackups'>, name: string, uri?: string): AegirError {
  const newest = records.newestBackups(uri);
  const hint = newest.length > 0 ? `The newest: ${newest.join(', ')}.` : 'There are none yet.';
  return new AegirError('NO_SUCH_OBJECT', `there is no backup ${name}`, hint, 'backup');
}

/** Refuses a name that another site has. Throws `URI_TAKEN`. */
export function checkNameFree(records: Records, uri: string, name: string, field: string): void {
  const owner = records.ownerOfName(name);
  if (owner === undefined || owner === uri) return;
  const what = owner === name ? `${name} is another site` : `${name} is an alias of ${owner}`;
  throw new AegirError('URI_TAKEN', what, 'A name belongs to one site only; remove it from that one first.', field);
}

/** An object that is not there, as the argument `field` names it. */
export const noSuch = (kind: string, name: string, field: string): AegirError =>
  new AegirError('NO_SUCH_OBJECT', `there is no ${kind} ${name}`, `aegir ${kind} list shows what there is.`, field);

/** What a copy of a site takes over of its settings for visitors: copying must not open it to all if only some may see it. */
export const asCopy = (web: Record<string, unknown>): Record<string, unknown> => ({ auth: web.auth ?? null });
