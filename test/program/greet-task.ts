import { z } from 'zod';
import { settled } from '../../src/provision/tasks/checks/availability.ts';
import { fieldInfo } from '../../src/provision/tasks/model/fields.ts';
import { refuse } from '../../src/provision/tasks/model/records.ts';
import { defineTask } from '../../src/provision/tasks/model/task.ts';

/** A task type that nobody else knows: all of it is in this file. */
export const siteGreet = defineTask({
  type: 'site.greet',
  title: 'Greet',
  summary: 'Gives the site a title that greets somebody.',
  object: 'site',
  keys: ['alt-g'],
  danger: 'none',
  available: (site) =>
    settled(site) ??
    (site.title.startsWith('Hello')
      ? refuse('SITE_GREETED', `${site.uri} greets already`, 'Give it another title first.')
      : undefined),
  present: ({ title }) => ({ whom: title }),
  checkArgs(records, uri, { whom }) {
    if (records.site(uri)?.client === whom) throw new Error('a client greets itself');
  },
  args: z.object({
    whom: z.string().min(1).register(fieldInfo, { title: 'Whom', help: 'Who is greeted.', example: 'world' }),
  }),
  timeLimitS: 60,
  async validate() {},
  apply: [
    {
      name: 'greet',
      title: 'Greet',
      async run({ args }, io) {
        io.log('info', `hello ${args.whom}`);
      },
    },
  ],
  commit: ({ args }) => ({ site: { title: `Hello ${args.whom}` } }),
  cleanUp: [],
});
