import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { phpLimits, type SiteContext } from '../../model/context.ts';
import { AegirError, type Json } from '../../model/errors.ts';
import { noSuch, settled } from '../checks/availability.ts';
import { fieldInfo } from '../model/fields.ts';
import { defineTask, type SiteUpdate, type StepIo, type TaskContexts } from '../model/task.ts';
import { asChanged } from '../steps/as-changed.ts';
import { publishSite } from '../steps/publish.ts';
import { writeSettings } from '../steps/settings.ts';
import { siteBackup } from './backup.ts';
import { siteCron } from './cron.ts';
import { checkServices } from './install-checks.ts';

const { memoryMb, uploadMb, children, timeS } = phpLimits.shape;
/** Without its default: an omitted argument changes nothing. */
const limit = (of: z.ZodDefault<z.ZodNumber>, title: string, help: string) =>
  of
    .unwrap()
    .optional()
    .register(fieldInfo, { title, help: `${help} What is left empty stays.` });

const args = z.object({
  memoryMb: limit(memoryMb, 'PHP memory, MB', 'Limit of one PHP request.'),
  uploadMb: limit(uploadMb, 'PHP upload, MB', 'Largest upload.'),
  children: limit(children, 'PHP at once', 'How many requests run at once.'),
  timeS: limit(timeS, 'PHP time, s', 'Longest time of one request.'),
  cron: z.int().min(0).max(44_640).optional().register(fieldInfo, {
    title: 'Cron, minutes',
    help: 'Minutes between two runs of its cron; 0 for never.',
  }),
  backupHours: z.int().min(0).max(8760).optional().register(fieldInfo, {
    title: 'Backup, hours',
    help: 'Hours between two automatic backups: 24 for one a day, 0 for none.',
    example: '24',
    inExample: true,
  }),
  keep: z.int().min(1).max(1000).optional().register(fieldInfo, {
    title: 'Backups kept',
    help: 'How many automatic backups are kept; the oldest is deleted when a newer one has been read back.',
    example: '7',
    inExample: true,
  }),
  noindex: z.enum(['yes', 'no']).optional().register(fieldInfo, {
    title: 'No index',
    help: 'yes: asks search engines not to index the site.',
  }),
  mail: z.enum(['on', 'off']).optional().register(fieldInfo, {
    title: 'Mail',
    help: 'off: mail from its PHP goes into tmp/mail.log of its release. A plugin that speaks SMTP itself is not stopped.',
  }),
  authUser: z
    .string()
    .regex(/^([A-Za-z0-9._-]{1,60})?$/, 'letters, digits, dots, hyphens and underscores')
    .optional()
    .register(fieldInfo, {
      title: 'Visitor name',
      help: 'Name that visitors must enter with a password (basic auth); "none" removes it.',
    }),
  authPassword: z
    .string()
    .regex(/^(.{8,200})?$/u, 'at least 8 characters')
    .default('')
    .register(fieldInfo, { title: 'Password', help: 'Password of that visitor.', secret: true }),
  client: z.string().min(1).optional().register(fieldInfo, {
    title: 'Client',
    help: 'Who the site belongs to.',
    choices: 'clients',
  }),
});
export type SiteSetArgs = z.infer<typeof args>;
type SetContext = TaskContexts['site'] & { args: SiteSetArgs };

/** The site with the new settings; the hash of a new password comes from the task's result. */
function changed({ site, args: wanted }: SetContext, result: Readonly<Record<string, Json>>): SiteContext {
  const { memoryMb, uploadMb, children, timeS, noindex, authUser, mail } = wanted;
  const given = Object.entries({ memoryMb, uploadMb, children, timeS }).filter(([, value]) => value !== undefined);
  const auth = authUser === undefined ? site.web.auth : authOf(authUser, result);
  return {
    ...site,
    php: { ...site.php, ...Object.fromEntries(given) },
    web: {
      ...site.web,
      auth,
      mail: mail ?? site.web.mail,
      noindex: noindex === undefined ? site.web.noindex : noindex === 'yes',
    },
  };
}

const authOf = (user: string, { authHash }: Readonly<Record<string, Json>>): SiteContext['web']['auth'] =>
  user === 'none' || user === '' ? null : { user, hash: String(authHash ?? '') };

/** Salted SHA-1 as in RFC 2307 and nginx's auth_basic_user_file, a format that every web server here reads. */
function hashOf(password: string): string {
  const salt = randomBytes(16);
  return `{SSHA}${Buffer.concat([createHash('sha1').update(password).update(salt).digest(), salt]).toString('base64')}`;
}

/** The new schedules of cron and backups, where given. */
const schedulesOf = ({ cron, backupHours, keep }: SiteSetArgs): SiteUpdate['schedules'] => ({
  ...(cron === undefined ? {} : { [siteCron.type]: { minutes: cron } }),
  ...(backupHours === undefined && keep === undefined
    ? {}
    : {
        [siteBackup.type]: {
          minutes: backupHours === undefined ? undefined : backupHours * 60,
          args: backupArgs(keep),
        },
      }),
});

const backupArgs = (keep: number | undefined): Record<string, Json> => (keep === undefined ? {} : { keep });

/** `io.result` is only available while a step runs. */
const withResult = (
  step: typeof publishSite,
): typeof publishSite & { run(ctx: SetContext, io: StepIo): Promise<void> } => ({
  ...step,
  run: (ctx, io) => asChanged<SetContext>(step, (given) => changed(given, io.result)).run(ctx as SetContext, io),
});

/** Changes the limits and access of a site. Omitted settings stay as they are. */
export const siteSet = defineTask({
  type: 'site.set',
  title: 'Set',
  summary:
    'Changes PHP limits, who may see the site, its mail, its client, how often its cron and its backups run. What is not given stays as it is.',
  object: 'site',
  available: settled,
  present(site, records) {
    const { auth, noindex, mail } = site.web as { auth?: { user: string } | null; noindex?: boolean; mail?: string };
    const schedules = records.schedulesOf(site.uri);
    const [cron, backup] = [siteCron, siteBackup].map((task) => schedules.find(({ type }) => type === task.type));
    return {
      ...site.php,
      cron: cron?.minutes ?? 0,
      backupHours: (backup?.minutes ?? 0) / 60,
      keep: backup ? Number(backup.args.keep ?? 0) : '',
      noindex: noindex ? 'yes' : 'no',
      authUser: auth?.user ?? 'none',
      mail: mail ?? 'on',
      client: site.client,
    };
  },
  checkArgs(records, uri, { client, keep, backupHours }) {
    const site = records.site(uri);
    if (client !== undefined && client !== site?.client) {
      if (!records.hasClient(client)) throw noSuch('client', client, 'client');
      records.checkQuota(client, site?.diskBytes ?? 0);
    }
    const planned = records.schedulesOf(uri).some(({ type }) => type === siteBackup.type);
    if (keep === undefined || (backupHours === undefined ? planned : backupHours > 0)) return;
    throw new AegirError(
      'NO_SCHEDULE',
      `${uri} has no scheduled backups, so there are none of which ${keep} could be kept`,
      'Set the schedule too: --backup-hours 24',
      'keep',
    );
  },
  danger: 'none',
  args,
  timeLimitS: 300,
  async validate({ site, args: wanted }, io, problem) {
    await checkServices(site, io, problem);
    const { authPassword, ...others } = wanted;
    if (Object.values(others).every((value) => value === undefined)) {
      problem('NOTHING_TO_DO', 'nothing to change was given', 'See aegir site set --help.');
    }
    const named = wanted.authUser !== undefined && wanted.authUser !== '' && wanted.authUser !== 'none';
    if (named && !io.secrets.authPassword) {
      problem('ARGUMENT_INVALID', 'a visitor needs a password', 'Give one with the name.', 'authPassword');
    }
  },
  apply: [
    {
      name: 'password',
      title: 'Hash the password of visitors',
      async run(_ctx, io) {
        if (!io.secrets.authPassword) return io.notNeeded('none was given');
        io.report({ authHash: hashOf(io.secrets.authPassword) });
      },
    },
    withResult(writeSettings),
    withResult(publishSite),
  ],
  commit(ctx, result) {
    const { php, web } = changed(ctx, result);
    return { site: { php, web, client: ctx.args.client, schedules: schedulesOf(ctx.args) } };
  },
  cleanUp: [],
});
