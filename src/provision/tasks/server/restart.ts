import { z } from 'zod';
import { serviceId, serviceName } from '../../model/context.ts';
import { AegirError, describeError } from '../../model/errors.ts';
import type { Placed } from '../../services/services.ts';
import { fieldInfo } from '../model/fields.ts';
import type { ServerRecord } from '../model/records.ts';
import { defineTask, type StepIo, type TaskContexts } from '../model/task.ts';

const args = z.object({
  service: z.string().min(1).register(fieldInfo, {
    title: 'Service',
    choices: 'services',
    example: 'http',
    help: 'http is the web server, db the database, php8.4 one of several PHPs. The configuration is tested first; if it is refused, nothing restarts.',
  }),
});
type Restart = TaskContexts['server'] & { args: z.infer<typeof args> };

/** The error for a service that a server does not have. */
const serviceMissing = ({ name, services }: ServerRecord, word: string): AegirError => {
  const has =
    services.length > 0 ? `It has: ${services.map((one) => serviceId(services, one)).join(', ')}.` : 'Run: aegir setup';
  return new AegirError('SERVICE_MISSING', `${name} has no ${word} service`, has, 'service');
};

const isMeant = (service: ServerRecord['services'][number], word: string): boolean =>
  service.kind === word || serviceName(service) === word;

/** The selected services; all of a kind. Throws `SERVICE_MISSING`. */
function meant({ server, args: { service: word } }: Restart, { services }: Pick<StepIo, 'services'>): Placed[] {
  const placed = services.all(server).filter(({ service }) => isMeant(service, word));
  if (placed.length === 0) throw serviceMissing(server, word);
  return placed;
}

/** Stops and starts a service. Only people request this: published changes are reloaded instead. */
export const serverRestart = defineTask({
  type: 'server.restart',
  title: 'Restart a service',
  summary: 'Tests the configuration of one service, then stops it and starts it again.',
  object: 'server',
  keys: ['r'],
  footer: 5,
  checkArgs(records, name, { service: word }) {
    const server = records.server(name);
    if (server && !server.services.some((one) => isMeant(one, word))) throw serviceMissing(server, word);
  },
  danger: 'confirm',
  loses: 'the service for some seconds, and a backup or cron run that needs it at that moment',
  args,
  timeLimitS: 600,
  async validate(ctx, io, problem) {
    try {
      for (const { service, driver, server } of meant(ctx, io)) {
        if ((await driver.state(io.host, server)) === 'absent')
          problem('SERVICE_ABSENT', `${serviceName(service)} is not installed`, 'aegir setup installs it.');
        else for (const warning of await driver.test(io.host, server)) io.log('warning', warning);
      }
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
          const placed = meant(ctx, io);
          io.save({});
          for (const { driver, server } of placed) await driver.control(io.host, server, 'restart', io.signal);
        }),
      // If interrupted, it must not stay stopped.
      undo: (ctx, io) =>
        io.exclusive('web', async () => {
          for (const { driver, server } of meant(ctx, io)) await driver.control(io.host, server, 'start', io.signal);
        }),
    },
  ],
  commit: () => ({}),
  cleanUp: [],
});
