import { z } from 'zod';
import { type SiteContext, sitePaths } from '../../model/context.ts';
import { settleRedirects } from '../../model/site-names.ts';
import { canonicalUri } from '../../model/uri.ts';
import { checkNameFree, settled } from '../checks/availability.ts';
import { checkNames } from '../checks/names.ts';
import { fieldInfo } from '../model/fields.ts';
import { defineTask, type Step, type TaskContexts } from '../model/task.ts';
import { asChanged } from '../steps/as-changed.ts';
import { followNames } from '../steps/content.ts';
import { linkByName } from '../steps/finish.ts';
import { keptSite } from '../steps/kept.ts';
import { probeSite } from '../steps/probe.ts';
import { publishSite } from '../steps/publish.ts';
import { linksOf } from '../steps/release.ts';
import { writeSettings } from '../steps/settings.ts';
import { checkServices } from './install-checks.ts';

const args = z.object({
  to: z.string().min(1).register(fieldInfo, {
    title: 'New URI',
    help: 'New name of the site; may be one of its aliases.',
    example: 'store.example.org',
  }),
  redirect: z.boolean().default(false).register(fieldInfo, {
    title: 'Redirect',
    help: 'The old name stays as an alias and redirects to the new one; other aliases stay as they are.',
  }),
});
type RenameContext = TaskContexts['site'] & { args: z.infer<typeof args> };

function renamed({ site, args: { to, redirect } }: RenameContext): SiteContext {
  const uri = canonicalUri(to);
  const { web } = site;
  const kept = redirect ? [...site.aliases, site.uri] : site.aliases;
  const aliases = [...new Set(kept)].filter((name) => name !== uri);
  const chosen = redirect || web.redirect === site.uri ? uri : web.redirect;
  const before = web.redirect === '' ? [] : web.redirected;
  const redirected = redirect && before ? [...before, site.uri] : web.redirected;
  return settleRedirects({ ...site, uri, aliases, web: { ...web, redirect: chosen, redirected } });
}

/** Links with the old name, used by the platform and by people. */
const unlinkOldName: Step<RenameContext> = {
  name: 'old-name',
  title: 'Remove everything with the old name',
  async run(ctx, io) {
    const { links } = io.engines.named(ctx.site.platform.engine);
    const kept = links(renamed(ctx)).map(({ path }) => path);
    const before = keptSite(ctx.site);
    // The links of the kept release are created again when the site is rolled back to it.
    for (const { path } of [...links(ctx.site), ...(before ? linksOf(io, before, false) : [])])
      if (!kept.includes(path)) await io.host.act('link.remove', { path });
    await io.host.act('link.remove', { path: sitePaths(ctx.site).byName });
  },
};

/**
 * Gives a site a new URI. Database, user, files and handle stay. The new name is published and tested before the
 * commit; addresses in the content are replaced after it, repeatably.
 */
export const siteRename = defineTask({
  type: 'site.rename',
  title: 'Rename',
  summary: 'Gives the site a new URI; vhost, settings, links and addresses in its content are changed with it.',
  object: 'site',
  available: settled,
  checkArgs: (records, uri, { to }) => checkNameFree(records, uri, canonicalUri(to), 'to'),
  danger: 'confirm',
  loses: 'its old address, unless the old name redirects to the new one',
  args,
  timeLimitS: 4 * 3600,
  async validate(ctx, io, problem) {
    await checkServices(ctx.site, io, problem);
    const site = renamed(ctx);
    if (site.uri === ctx.site.uri)
      problem('NOTHING_TO_DO', `the site is ${site.uri} already`, 'Give another name.', 'to');
    if (![ctx.site.uri, ...ctx.site.aliases].includes(site.uri))
      await checkNames(site, [site.uri], io, problem, { field: 'to' });
    const { links } = io.engines.named(site.platform.engine);
    const mine = links(ctx.site).map(({ path }) => path);
    for (const { path } of links(site).filter((link) => !mine.includes(link.path))) {
      if ((await io.host.stat(path)) === undefined) continue;
      problem(
        'FOLDER_EXISTS',
        `${path} exists already`,
        'Move it away: a link of that name is needed to find the site.',
        'to',
      );
    }
  },
  apply: [asChanged(writeSettings, renamed), asChanged(publishSite, renamed), asChanged(probeSite, renamed)],
  commit(ctx) {
    const { uri, aliases, web } = renamed(ctx);
    return { site: { names: { uri, aliases }, web } };
  },
  cleanUp: [asChanged(linkByName, renamed), unlinkOldName, followNames(renamed)],
});
