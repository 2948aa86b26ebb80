import type { Command } from '../model/command.ts';
import { targetNames } from './command.ts';

/** What is looked at of a server, beside its tasks. */
export const serverCommands: readonly Command[] = [
  {
    id: 'test-services',
    title: 'Test the configuration',
    short: 'test',
    keys: ['t'],
    scopes: ['on:server'],
    danger: 'none',
    help: 'Lets web server, PHP and database test their whole configuration; nothing is changed.',
    footer: 5,
    takes: 'server',
    disabledReason: (state) => (targetNames(state, 'server').length === 0 ? 'there is no server here' : undefined),
    run(act, given) {
      const [name] = given === '' ? targetNames(act.state(), 'server') : [given];
      if (name === undefined) act.notify('Say which server: :test-services NAME', 'warn');
      else act.testServices(name);
    },
  },
];
