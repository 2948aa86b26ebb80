import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { runProgram } from '../../engines/program.ts';
import { phpLimits } from '../../model/context.ts';
import { fieldInfo } from '../model/fields.ts';
import { defineTask, type Step, type TaskContexts } from '../model/task.ts';
import { makeAccount } from '../steps/account.ts';
import { makeDatabase } from '../steps/database.ts';
import { diskBytesIn, linkByName, measureSite } from '../steps/finish.ts';
import { makeHome } from '../steps/folders.ts';
import { probeSite } from '../steps/probe.ts';
import { publishSite } from '../steps/publish.ts';
import { writeSettings } from '../steps/settings.ts';
import { askCms, packagesIn } from '../steps/updates.ts';
import { checkNewSite } from './install-checks.ts';

const { memoryMb, uploadMb, children, timeS } = phpLimits.shape;

const args = z.object({
  platform: z.string().min(1).register(fieldInfo, {
    title: 'Platform',
    help: 'The code base that the site runs on.',
    choices: 'platforms',
  }),
  title: z.string().max(200).default('').register(fieldInfo, {
    title: 'Title',
    help: 'Name of the site as visitors see it. Default: its URI.',
  }),
  adminMail: z.email('not an e-mail address').register(fieldInfo, {
    title: 'E-mail',
    help: 'Address of the administrator, and sender of the site’s mail.',
    example: 'you@example.org',
  }),
  adminName: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{3,59}$/, '4 to 60 letters, digits, dots, hyphens or underscores')
    .default('admin')
    .register(fieldInfo, { title: 'Login name', help: 'Account of the administrator on the site.' }),
  adminPassword: z
    .string()
    .regex(/^(.{8,200})?$/u, 'at least 8 characters')
    .default('')
    .register(fieldInfo, {
      title: 'Password',
      help: 'Default: a strong random one that nobody sees; log in with a one-time link.',
      secret: true,
    }),
  profile: z.string().max(64).default('').register(fieldInfo, {
    title: 'Profile',
    help: 'Starting content. Default: the first that the platform offers.',
    choices: 'profiles',
  }),
  language: z
    .string()
    .regex(/^[a-z]{2,3}([_-][A-Za-z0-9]{2,8})*$/, 'a language code such as en or pt-br')
    .default('en')
    .register(fieldInfo, { title: 'Language', help: 'Language of the new site.', choices: 'languages' }),
  client: z.string().default('admin').register(fieldInfo, {
    title: 'Client',
    help: 'Who the site belongs to.',
    choices: 'clients',
    advanced: true,
  }),
  memoryMb: memoryMb.register(fieldInfo, { title: 'Memory', help: 'Limit of one PHP request, in MB.', advanced: true }),
  uploadMb: uploadMb.register(fieldInfo, { title: 'Upload', help: 'Largest upload, in MB.', advanced: true }),
  children: children.register(fieldInfo, { title: 'Children', help: 'How many requests run at once.', advanced: true }),
  timeS: timeS.register(fieldInfo, { title: 'Time', help: 'Longest time of one request, in seconds.', advanced: true }),
});
export type SiteInstallArgs = z.infer<typeof args>;

const runInstaller: Step<TaskContexts['site']> = {
  name: 'installer',
  title: 'Run the installer of the CMS',
  async run({ site }, io) {
    const engine = io.engines.named(site.platform.engine);
    const adminPassword = io.secrets.adminPassword ?? randomBytes(18).toString('base64url');
    const programs = engine.install(site, io.services.served(site), { adminPassword });
    for (const [place, program] of programs.entries()) {
      io.progress(place, programs.length, 'parts');
      await runProgram(io.host, site, engine.name, program, io);
    }
    io.progress(programs.length, programs.length, 'parts');
  },
};

/** Creates a site: user, home, database, settings, the CMS's installation, pool and vhost. */
export const siteInstall = defineTask({
  type: 'site.install',
  title: 'Install',
  summary: 'Makes a new site on a platform, with its own Unix user, database, PHP pool and vhost.',
  object: 'site',
  keys: ['n'],
  footer: 3,
  creates: {
    row: (_records, _uri, { platform, client, title, profile, language, adminName, adminMail, ...php }) => ({
      kind: 'site',
      ...{ platform, client, title, profile, language, adminName, adminMail, php },
    }),
  },
  danger: 'none',
  args,
  timeLimitS: 1800,
  validate: ({ site }, io, problem) => checkNewSite(site, io, problem),
  apply: [
    makeAccount,
    makeHome,
    makeDatabase,
    writeSettings,
    runInstaller,
    askCms,
    publishSite,
    probeSite,
    measureSite,
  ],
  commit: (_ctx, result) => ({
    site: { state: 'enabled', diskBytes: diskBytesIn(result), packages: packagesIn(result) },
  }),
  cleanUp: [linkByName],
});
