import { z } from 'zod';
import { writeFiles } from '../../host/change-files.ts';
import { type SiteContext, sitePaths } from '../../model/context.ts';
import { AegirError } from '../../model/errors.ts';
import { canonicalUri } from '../../model/uri.ts';
import { asCopy, usableSource } from '../checks/availability.ts';
import { checkCode } from '../checks/backup.ts';
import { checkRoom, measured } from '../checks/space.ts';
import { fieldInfo } from '../model/fields.ts';
import { defineTask, type Step, type TaskContext, type TaskContexts } from '../model/task.ts';
import { makeAccount } from '../steps/account.ts';
import { asChanged } from '../steps/as-changed.ts';
import { letContentFollow, renewSecrets } from '../steps/content.ts';
import { makeDatabase } from '../steps/database.ts';
import { diskBytesIn, linkByName, measureSite } from '../steps/finish.ts';
import { makeHome } from '../steps/folders.ts';
import { keptSettings, liveOf, packing } from '../steps/pack.ts';
import { probeSite } from '../steps/probe.ts';
import { publishSite } from '../steps/publish.ts';
import { fillFiles } from '../steps/release.ts';
import { ofPeople, settingsWith, writeSettings } from '../steps/settings.ts';
import { askCms, packagesIn, updateContent } from '../steps/updates.ts';
import { checkNewSite } from './install-checks.ts';

const args = z.object({
  source: z.string().min(1).register(fieldInfo, {
    title: 'Source',
    help: 'URI of the site to copy; it keeps running.',
    choices: 'sites',
    example: 'shop.example.org',
  }),
  platform: z.string().default('').register(fieldInfo, {
    title: 'Platform',
    help: 'Of the same CMS. Default: that of the source.',
    choices: 'platforms',
  }),
  client: z.string().default('').register(fieldInfo, {
    title: 'Client',
    help: 'Who the copy belongs to. Default: as the source.',
    choices: 'clients',
    advanced: true,
  }),
  noindex: z.enum(['yes', 'no']).default('yes').register(fieldInfo, {
    title: 'No index',
    help: 'Asks search engines not to index the copy.',
  }),
  cron: z.enum(['off', 'on']).default('off').register(fieldInfo, {
    title: 'Cron',
    help: 'Default: off, since a copy that sends mail or processes orders does harm.',
  }),
  mail: z.enum(['off', 'on']).default('off').register(fieldInfo, {
    title: 'Mail',
    help: 'Default: off; mail from its PHP goes into a file. A plugin that speaks SMTP itself is not stopped.',
  }),
});
type CloneTask = TaskContext<'site', z.infer<typeof args>>;

/** The copy with its settings for visitors and mail. */
const copyOf = ({ site, args: { noindex, mail } }: CloneTask): SiteContext => ({
  ...site,
  web: { ...site.web, noindex: noindex === 'yes', mail },
});

const copyDatabase: Step<CloneTask> = {
  name: 'copy-database',
  title: 'Copy the database',
  async run(ctx, io) {
    const source = sourceOf(ctx);
    const from = await io.services.db(source.server).dump(io.host, source);
    const into = await io.services.db(ctx.site.server).load(io.host, ctx.site);
    await io.host.act('stream.copy', { from, into }, liveOf(io));
  },
};

const copyFiles: Step<CloneTask> = {
  name: 'copy-files',
  title: 'Copy the files',
  run: (ctx, io) =>
    fillFiles(ctx.site, io, async (into) => {
      await io.host.act('stream.copy', { from: packing(io, sourceOf(ctx)), into }, liveOf(io));
    }),
};

/** People's own lines of the settings, which the content may depend on; the copy has keys of its own. */
const copyLines: Step<CloneTask> = {
  name: 'lines',
  title: 'Copy the local lines of the settings',
  async run(ctx, io) {
    const source = sourceOf(ctx);
    const lines = ofPeople(await keptSettings(io, source));
    if (Object.keys(lines).length === 0) io.notNeeded('there are none');
    await writeFiles(io.host, settingsWith(io, ctx.site, lines));
    for (const [name, text] of Object.entries(lines)) {
      if (![source.uri, sitePaths(source).home].some((own) => text.includes(own))) continue;
      io.log(
        'warning',
        `${name} names ${source.uri} or its folder; to change it: aegir site edit ${ctx.site.uri} settings`,
      );
    }
  },
};

/** Needed if the copy is on other code than the source. */
const runUpdates: Step<CloneTask> = {
  name: 'updates',
  title: 'Run the database updates of the CMS',
  async run(ctx, io) {
    const { platform } = sourceOf(ctx);
    if (platform.name === ctx.site.platform.name) return io.notNeeded(`it stays on ${platform.name}`);
    await updateContent(copyOf(ctx), io);
  },
};

/** Replaces the source's addresses in the content of the copy. */
const followContent: Step<CloneTask> = {
  name: 'content',
  title: 'Change addresses in the content',
  async run(ctx, io) {
    const source = sourceOf(ctx);
    await letContentFollow(
      copyOf(ctx),
      { uri: source.uri, url: io.services.url(source), home: sitePaths(source).home },
      io,
    );
  },
};

const ownSecrets: Step<CloneTask> = {
  name: 'secrets',
  title: 'Make new secrets for it',
  run: async (ctx, io) =>
    io.engines.named(ctx.site.platform.engine).renew
      ? renewSecrets(copyOf(ctx), io)
      : io.notNeeded('its CMS keeps none in its content'),
};

/** Creates a copy of a site: with its own user, database and account, and its own addresses in the content. */
export const siteClone = defineTask({
  type: 'site.clone',
  title: 'Clone',
  summary: 'Makes a new site as a copy of another, which keeps running; on the same platform or another.',
  object: 'site',
  keys: ['C'],
  footer: 6,
  creates: {
    copies: true,
    // A copy has the facts of its source, except those given.
    row(records, _uri, args) {
      const source = usableSource(records, canonicalUri(args.source));
      const { title, profile, language, adminName, adminMail, php } = source;
      return {
        kind: 'site',
        ...{ title, profile, language, adminName, adminMail, php },
        platform: args.platform || source.platform,
        client: args.client || source.client,
        bytes: source.diskBytes ?? 0,
        web: asCopy(source.web),
      };
    },
  },
  danger: 'none',
  args,
  timeLimitS: 4 * 3600,
  async validate(ctx, io, problem) {
    await checkNewSite(ctx.site, io, problem);
    const { platform } = sourceOf(ctx);
    checkCode('the source', platform, ctx.site.platform, problem);
    await checkRoom(ctx.site, io, { copied: await measured(sourceOf(ctx), io) }, problem);
  },
  apply: [
    makeAccount,
    makeHome,
    makeDatabase,
    copyDatabase,
    copyFiles,
    copyLines,
    writeSettings,
    runUpdates,
    followContent,
    ownSecrets,
    asChanged<CloneTask>(askCms, copyOf),
    asChanged<CloneTask>(publishSite, copyOf),
    asChanged<CloneTask>(probeSite, copyOf),
    measureSite,
  ],
  commit(ctx, result) {
    const schedules = ctx.args.cron === 'off' ? { 'site.cron': { minutes: 0 } } : undefined;
    const diskBytes = diskBytesIn(result);
    const packages = packagesIn(result);
    return { site: { state: 'enabled', diskBytes, web: copyOf(ctx).web, schedules, packages } };
  },
  cleanUp: [linkByName],
});

function sourceOf({ source }: TaskContexts['site']): SiteContext {
  if (source) return source;
  throw new AegirError(
    'OBJECT_GONE',
    'the source of the copy is gone',
    'aegir site list shows what there is.',
    'source',
  );
}
