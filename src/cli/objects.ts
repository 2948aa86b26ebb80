import { join } from 'node:path';
import type { Command } from 'commander';
import { newestBackup, newestBackups } from '../db/backups.ts';
import { listSiteNames } from '../db/lists.ts';
import { findPlatformLine, listPlatforms, type PlatformRow, sitesOnPlatform } from '../db/platforms.ts';
import { findSite, listSites } from '../db/sites.ts';
import { lastTasks, listTasks } from '../db/tasks.ts';
import type { Engines } from '../provision/engines/engines.ts';
import type { Host } from '../provision/host/host.ts';
import { AegirError } from '../provision/model/errors.ts';
import { canonicalUri } from '../provision/model/uri.ts';
import { sitesToTake, takeCommand } from '../provision/tasks/steps/found-sites.ts';
import { formatBytes, formatDatabase } from '../state/text/format.ts';
import type { PackageLine } from '../worker/compare.ts';
import { serverContextOf } from '../worker/contexts.ts';
import { hostOf } from '../worker/local-deps.ts';
import { nearest } from './nearest.ts';
import type { ReadAction } from './read-action.ts';
import { platformDetail, platformShape, siteDetail, siteShape } from './shapes.ts';

/** `site list|show`. */
export function siteCommands(group: Command, action: ReadAction): void {
  group
    .command('list')
    .description('List the sites.')
    .addHelpText('after', '\nExample:\n  aegir site list --json')
    .action(
      action(({ root, out }) => {
        const { inventory } = root();
        const last = lastTasks(inventory, 'site');
        const backups = newestBackups(inventory);
        const sites = listSites(inventory).map((site) =>
          siteShape(root(), site, { task: last.get(site.uri), backup: backups.get(site.uri) }),
        );
        out.document(sites);
        if (sites.length === 0)
          out.say('No sites yet. Make one with: aegir site install URI --platform NAME --admin-mail ADDRESS');
        else
          out.table(
            ['URI', 'PLATFORM', 'STATE', 'SIZE', 'BACKUP', 'LAST TASK'],
            sites.map((site) => [
              site.uri,
              site.platform,
              site.state,
              formatBytes(site.diskBytes),
              site.lastBackup ? minute(site.lastBackup.createdAt) : 'none',
              site.lastTask ? `${site.lastTask.id} ${site.lastTask.type} ${site.lastTask.state}` : '',
            ]),
          );
      }),
    );
  group
    .command('show')
    .argument('<uri>', 'the site')
    .description('Show all facts about a site.')
    .addHelpText('after', '\nExample:\n  aegir site show shop.example.org')
    .action(
      action(({ root, out }, uri = '') => {
        const { inventory, paths } = root();
        const site = findSite(inventory, canonicalUri(uri));
        if (!site) throw noSuchObject('site', uri, listSiteNames(inventory));
        const [task] = listTasks(inventory, { object: { kind: 'site', name: site.uri }, limit: 1 });
        const detail = siteDetail(root(), site, { task, backup: newestBackup(inventory, site.uri) });
        out.document(detail);
        out.facts([
          ['URI', detail.uri],
          ['URL', detail.url],
          ['State', detail.state + (detail.lockReason ? ` (locked: ${detail.lockReason})` : '')],
          ['Platform', `${detail.platform} (${detail.engine} ${detail.version})`],
          ['Title', detail.title],
          ['Administrator', `${detail.admin.name} <${detail.admin.mail}>`],
          ['Client', detail.client],
          ['Unix user', detail.handle],
          ['Home', detail.home],
          ['Logs', `${paths.serviceLogs}/${detail.handle}`],
          [
            'Local files',
            `${paths.etc}/sites/${detail.handle}/local.vhost.conf, local.pool.conf; ${detail.home}/releases/${detail.release}/settings/local.settings.php`,
          ],
          ['Database', formatDatabase(detail.database)],
          ['Size', formatBytes(detail.diskBytes)],
          [
            'PHP',
            `memory ${detail.php.memoryMb} MB, upload ${detail.php.uploadMb} MB, ${detail.php.children} processes, ${detail.php.timeS} s`,
          ],
          ['Aliases', detail.aliases.join(', ') + redirectText(detail.web)],
          [
            'Visitors',
            `${detail.web.visitor ? `only ${detail.web.visitor}, with a password` : 'everybody'}${detail.web.noindex ? '; no search engines' : ''}`,
          ],
          [
            'Mail',
            detail.web.mail === 'on'
              ? 'sent'
              : `off: written to ${detail.home}/releases/${detail.release}/tmp/mail.log`,
          ],
          ['Schedules', detail.schedules.map(scheduleText).join('; ') || 'none'],
          [
            'Last cron',
            detail.lastCron
              ? `${detail.lastCron.state} ${detail.lastCron.endedAt ?? ''}, ${detail.lastCron.seconds} s`
              : 'none',
          ],
          [
            'Last backup',
            detail.lastBackup ? `${minute(detail.lastBackup.createdAt)} ${detail.lastBackup.name}` : 'none',
          ],
          ['Packages', String(detail.packages.length)],
          [
            'Last task',
            detail.lastTask ? `${detail.lastTask.id} ${detail.lastTask.type} ${detail.lastTask.state}` : 'none',
          ],
        ]);
      }),
    );
}

/** The names of a site that redirect to another of its names. */
const redirectText = ({ redirect, redirected }: ReturnType<typeof siteDetail>['web']): string => {
  if (redirect === '') return '';
  const names = redirected?.join(', ') ?? 'all';
  return names === ''
    ? ` (main name: ${redirect})`
    : ` (${names} ${redirected?.length === 1 ? 'leads' : 'lead'} to ${redirect})`;
};

const minute = (at: string): string => at.slice(0, 16).replace('T', ' ');

/** How often a schedule queues its task, and when next. */
const scheduleText = ({ taskType, minutes, dueAt }: ReturnType<typeof siteDetail>['schedules'][number]): string => {
  const often = minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`;
  return `${taskType} every ${often}, next ${minute(dueAt)}`;
};

/** `platform list|show`. */
export function platformCommands(group: Command, action: ReadAction): void {
  group
    .command('list')
    .description('List the platforms.')
    .addHelpText('after', '\nExample:\n  aegir platform list')
    .action(
      action(({ root, out }) => {
        const platforms = listPlatforms(root().inventory).map(platformShape);
        out.document(platforms);
        if (platforms.length === 0)
          out.say('No platforms yet. Add one with: aegir platform add wp --from debian:wordpress');
        else
          out.table(
            ['NAME', 'ENGINE', 'VERSION', 'SITES', 'STATE', 'FOLDER'],
            platforms.map((platform) => [
              platform.name,
              platform.engine,
              platform.version,
              String(platform.sites),
              platform.locked ? 'locked' : platform.state,
              platform.root,
            ]),
          );
      }),
    );
  group
    .command('show')
    .argument('<name>', 'the platform')
    .description('Show all facts about a platform.')
    .addHelpText('after', '\nExample:\n  aegir platform show wp')
    .action(
      action(async ({ root, out }, name = '') => {
        const { inventory, paths, program } = root();
        const platform = findPlatformLine(inventory, name);
        if (!platform)
          throw noSuchObject(
            'platform',
            name,
            listPlatforms(inventory).map((row) => row.name),
          );
        const server = serverContextOf(inventory, paths.root, platform.server);
        const foundSites = await importableSites(hostOf(inventory, paths, server), program.engines, platform);
        const detail = { ...platformDetail(inventory, platform), foundSites };
        out.document(detail);
        out.facts([
          ['Name', detail.name],
          ['State', detail.locked ? 'locked' : detail.state],
          ['Engine', `${detail.engine} ${detail.version}`],
          ['Folder', detail.root + (detail.managed ? '' : ' (in place)')],
          ['Source', detail.source],
          ['PHP', detail.php || 'the newest of the server'],
          ['Profiles', detail.profiles.join(', ')],
          ['Sites', sitesOnPlatform(detail)],
          ['Packages', String(detail.packages.length)],
          ...newerLines(detail.packages),
          ...foundSites.map(({ folder, command }): [string, string] => ['Not managed', `${folder || '.'}: ${command}`]),
        ]);
      }),
    );
}

/** The packages of which another platform of the same CMS has a newer version, one per line. */
const newerLines = (packages: readonly PackageLine[]): [string, string][] =>
  packages.flatMap(({ name, version, newer }): [string, string][] =>
    newer ? [['Newer', `${name} ${version}: ${newer.version} on ${newer.platform}`]] : [],
  );

/** Existing sites in the code of a platform, each with the command that imports it; none if they cannot be read. */
async function importableSites(
  host: Host,
  engines: Engines,
  platform: PlatformRow,
): Promise<{ folder: string; name: string; command: string }[]> {
  if (platform.engine === '') return [];
  const docroot = join(platform.root, platform.docroot);
  const found = await sitesToTake(host, engines.named(platform.engine), docroot).catch(() => []);
  return found.map((site) => ({ folder: site.folder, name: site.name, command: takeCommand(platform, site) }));
}

/** The error for an object that does not exist, with the most similar names. */
export function noSuchObject(kind: string, name: string, names: string[]): AegirError {
  const near = nearest(name, names);
  const hint = near.length > 0 ? `Did you mean ${near.join(', ')}?` : `aegir ${kind} list shows what there is.`;
  return new AegirError('NO_SUCH_OBJECT', `there is no ${kind} ${name}`, hint);
}
