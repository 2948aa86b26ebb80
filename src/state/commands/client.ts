import type { Act, Command } from '../model/command.ts';
import type { ConsoleState } from '../model/state.ts';
import { targetNames } from './command.ts';

const client = { scopes: ['on:client'], danger: 'none', changes: true, takes: 'client' } as const;

const none = (state: ConsoleState): string | undefined =>
  targetNames(state, 'client').length === 0 ? 'there is no client here' : undefined;

/** Does something with the client that is named, or under the cursor. */
const withOne =
  (run: (act: Act, name: string) => void) =>
  (act: Act, given: string): void => {
    const name = given === '' ? targetNames(act.state(), 'client')[0] : given;
    if (name === undefined) act.notify('Say which client: its name', 'warn');
    else run(act, name);
  };

/** What is done to clients. */
export const clientCommands: readonly Command[] = [
  {
    ...client,
    id: 'client-add',
    title: 'Client: add',
    short: 'new',
    keys: ['n'],
    scopes: ['page:clients'],
    help: 'Adds a client, to whom sites can belong, with an e-mail address and quotas.',
    footer: 3,
    run: (act) => act.clients.add(),
  },
  {
    ...client,
    id: 'client-edit',
    title: 'Client: edit',
    short: 'edit',
    keys: ['e'],
    help: 'Changes name, e-mail address and quotas of a client.',
    footer: 4,
    disabledReason: none,
    run: withOne((act, name) => act.clients.edit(name)),
  },
  {
    ...client,
    id: 'client-remove',
    title: 'Client: remove',
    short: 'remove',
    keys: ['d'],
    danger: 'confirm',
    help: 'Removes a client who has no sites.',
    footer: 9,
    disabledReason: none,
    run: withOne((act, name) => act.clients.askRemove(name)),
  },
];
