import type { BackupRow } from '../db/backups.ts';
import type { Inventory } from '../db/inventory.ts';
import { listSteps } from '../db/journal.ts';
import { listPackages } from '../db/packages.ts';
import type { PlatformLine } from '../db/platforms.ts';
import { siteSchedules } from '../db/schedules.ts';
import type { SiteRow } from '../db/sites.ts';
import { listTasks, type TaskRow } from '../db/tasks.ts';
import { siteWeb } from '../provision/model/context.ts';
import type { ErrorDocument } from '../provision/model/errors.ts';
import { addressOf } from '../provision/model/site-names.ts';
import type { Finding } from '../setup/check.ts';
import { packagesWithNewer } from '../worker/compare.ts';
import { serverContextOf } from '../worker/contexts.ts';
import type { Root } from '../worker/open-root.ts';
import { hintOf } from '../worker/task-hint.ts';

/** The JSON documents that scripts rely on (docs/cli.md): fields may be added, but not changed or removed. */

/** The newest task and backup of a site. */
interface Newest {
  task: TaskRow | undefined;
  backup: Pick<BackupRow, 'name' | 'createdAt'> | undefined;
}

/** A site in `site list --json`. */
export function siteShape(root: Root, site: SiteRow, { task: last, backup }: Newest) {
  return {
    uri: site.uri,
    platform: site.platform,
    engine: site.engine,
    version: site.version,
    state: site.state,
    client: site.client,
    url: siteUrl(root, site),
    aliases: site.aliases,
    database: { driver: site.databaseDriver, name: site.databaseName },
    diskBytes: site.diskBytes,
    lastBackup: backup ? { name: backup.name, createdAt: backup.createdAt } : null,
    lastTask: last ? { id: last.id, type: last.type, state: last.state } : null,
    createdAt: site.createdAt,
  };
}

/** A site in `site show --json`. */
export function siteDetail(root: Root, site: SiteRow, newest: Newest) {
  const { inventory: db, paths } = root;
  const { title, profile, language, handle, php, lockReason, release, verifiedAt } = site;
  const admin = { name: site.adminName, mail: site.adminMail };
  const packages = listPackages(db, { siteId: site.id });
  const schedules = siteSchedules(db, site.id).map(({ taskType, minutes, dueAt }) => ({ taskType, minutes, dueAt }));
  const { auth, ...shown } = siteWeb.parse(site.web);
  const web = { ...shown, visitor: auth?.user ?? null };
  const home = `${paths.root}/sites/${handle}`;
  return {
    ...siteShape(root, site, newest),
    title,
    profile,
    language,
    admin,
    handle,
    home,
    release,
    php,
    web,
    schedules,
    lastCron: lastCronOf(db, site),
    lockReason,
    verifiedAt,
    packages,
  };
}

/** The outcome of a site's last cron, from its task. */
function lastCronOf(db: Inventory, { uri }: SiteRow) {
  const [task] = listTasks(db, { object: { kind: 'site', name: uri }, type: 'site.cron', limit: 1 });
  if (!task) return null;
  const { seconds } = task.result;
  // Durations are in milliseconds; `seconds` remains for existing scripts.
  const durationMs = typeof seconds === 'number' ? Math.round(seconds * 1000) : null;
  return { task: task.id, state: task.state, endedAt: task.endedAt, durationMs, seconds: seconds ?? null };
}

/** A platform in `platform list --json`. */
export const platformShape = (platform: PlatformLine) => ({
  name: platform.name,
  root: platform.root,
  engine: platform.engine,
  version: platform.version,
  profiles: platform.profiles.map((profile) => profile.name),
  sites: platform.sites,
  keptReleases: platform.keptReleases,
  locked: platform.lockReason !== null,
  state: platform.state,
});

/** A platform in `platform show --json`. */
export const platformDetail = (db: Inventory, platform: PlatformLine) => ({
  ...platformShape(platform),
  source: platform.source,
  docroot: platform.docroot,
  php: platform.php,
  managed: platform.managed,
  createdAt: platform.createdAt,
  verifiedAt: platform.verifiedAt,
  /** Each with the newest version on another platform of the same CMS. */
  packages: packagesWithNewer(db, platform),
});

/** A task in `task list --json`. */
export const taskShape = (task: TaskRow) => ({
  id: task.id,
  type: task.type,
  object: { kind: task.objectKind, name: task.objectName },
  state: task.state,
  attempt: task.attempt,
  queuedAt: task.queuedAt,
  startedAt: task.startedAt,
  endedAt: task.endedAt,
  queuedBy: task.queuedBy,
});

/** A task in `task show --json`. Secret arguments are not stored with it. */
export const taskDetail = (db: Inventory, task: TaskRow) => ({
  ...taskShape(task),
  retryOf: task.retryOf,
  steps: listSteps(db, task.id).map(({ name, title, phase, state, error, note, startedAt, endedAt }) => ({
    name,
    title,
    phase,
    state,
    error,
    note,
    startedAt,
    endedAt,
  })),
  args: task.args,
  progress: task.progress,
  result: task.result,
  error: task.error && { ...task.error, hint: hintOf(task) },
  unfinished: task.unfinished,
});

/** The URL under which people open a site. */
export function siteUrl({ inventory, paths, program }: Root, site: SiteRow): string {
  const server = serverContextOf(inventory, paths.root, site.server);
  return program.services.http(server).url(server, addressOf({ ...site, web: siteWeb.parse(site.web) }));
}

/** The result of a check, in `doctor --json` and `setup --json`. */
export const findingShape = ({ id, title, state, message, hint, fixable, stops, code }: Finding) => ({
  ...{ id, title, state, detail: message, remedy: hint, fixable, stops, code },
});

/** What is wrong with the worker, in `status --json`. */
export const troubleShape = ({ code, message, hint }: ErrorDocument) => ({ code, detail: message, remedy: hint });
