import { z } from 'zod';
import { runProgram } from '../../engines/program.ts';
import { shown } from '../checks/availability.ts';
import { fieldInfo } from '../model/fields.ts';
import { defineTask } from '../model/task.ts';

/** Creates a one-time login link. Result: `{url, expiresAt}`. */
export const siteLogin = defineTask({
  type: 'site.login',
  title: 'Log in',
  summary: 'Makes a one-time link that logs in as an administrator of the site.',
  object: 'site',
  keys: ['L'],
  footer: 7,
  available: shown,
  leavesServices: true,
  // A link is of no use to anybody who does not see it.
  answers: ['url', 'expiresAt'],
  danger: 'none',
  args: z.object({
    user: z.string().max(60).default('').register(fieldInfo, {
      title: 'User',
      help: 'Login name of the account. Default: the administrator that the installation made.',
      advanced: true,
    }),
  }),
  timeLimitS: 120,
  async validate() {},
  apply: [
    {
      name: 'link',
      title: 'Make the login link',
      async run({ site, args }, io) {
        const engine = io.engines.named(site.platform.engine);
        const answer = await runProgram(io.host, site, engine.name, engine.login(site, args.user), io);
        io.report({ url: answer.url ?? '', expiresAt: answer.expiresAt ?? '' });
      },
    },
  ],
  commit: () => ({}),
  cleanUp: [],
});
