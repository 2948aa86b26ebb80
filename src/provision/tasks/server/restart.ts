import { z } from 'zod';
import { AegirError, describeError } from '../../model/errors.ts';
import { fieldInfo } from '../model/fields.ts';
import type { ServerRecord } from '../model/records.ts';
import { defineTask, type StepIo, type TaskContexts } from '../model/task.ts';

const args = z.object({
  service: z.string().min(1).register(fieldInfo, {
    title: 'Service',
    choices: 'services',
    example: 'http',
    help: 'http is the web server, db the database. Its configuration is tested first: what it refuses restarts nothing.',
  }),
});
type Restart = TaskContexts['server'] & { args: z.infer<typeof args> };

/** What is said of a service that a server does not have. */
const serviceMissing = ({ name, services }: ServerRecord, kind: string): AegirError => {
  const has = services.length > 0 ? `It has: ${services.map((one) => one.kind).join(', ')}.` : 'Run: aegir setup';
  return new AegirError('SERVICE_MISSING', `${name} has no ${kind} service`, has, 'service');
};

/** The selected service and its driver. Throws `SERVICE_MISSING`. */
function meant({ server, args: { service: kind } }: Restart, { services }: Pick<StepIo, 'services'>) {
  const service = server.services.find((one) => one.kind === kind);
  if (!service) throw serviceMissing(server, kind);
  return { service, driver: services.of(service) };
}

/** Stops and starts a service. Only people request this: published changes are reloaded instead. */
export const serverRestart = defineTask({
  type: 'server.restart',
  title: 'Restart a service',
  summary: 'Tests the configuration of one service, then stops it and starts it again.',
  object: 'server',
  keys: ['r'],
  footer: 5,
  checkArgs(records, name, { service: kind }) {
    const server = records.server(name);
    if (server && !server.services.some((one) => one.kind === kind)) throw serviceMissing(server, kind);
  },
  danger: 'confirm',
  loses: 'the service for some seconds, and a backup or cron that needs it just then',
  args,
  timeLimitS: 600,
  async validate(ctx, io, problem) {
    try {
      const { service, driver } = meant(ctx, io);
      if ((await driver.state(io.host, ctx.server)) === 'absent')
        return problem('SERVICE_ABSENT', `${service.driver} is not installed`, 'aegir setup installs it.');
      for (const warning of await driver.test(io.host, ctx.server)) io.log('warning', warning);
    } catch (error) {
      const { code, message, hint } = describeError(error);
      problem(code, message, hint, 'service');
    }
  },
  apply: [
    {
      name: 'restart',
      title: 'Stop it and start it again',
      run: (ctx, io) =>
        io.exclusive('web', async () => {
          const { driver } = meant(ctx, io);
          io.save({});
          await driver.control(io.host, ctx.server, 'restart', io.signal);
        }),
      // If interrupted, it must not stay stopped.
      undo: (ctx, io) =>
        io.exclusive('web', () => meant(ctx, io).driver.control(io.host, ctx.server, 'start', io.signal)),
    },
  ],
  commit: () => ({}),
  cleanUp: [],
});
