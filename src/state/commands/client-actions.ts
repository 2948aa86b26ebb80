import { findClient } from '../../db/clients.ts';
import { describeError } from '../../provision/model/errors.ts';
import type { ClientChange } from '../../worker/clients.ts';
import type { Access } from '../../worker/queue-access.ts';
import { makeFormAtOnce } from '../forms/make-form.ts';
import type { TaskCatalogue } from '../model/catalogue.ts';
import type { ClientActions } from '../model/command.ts';
import type { AtOnce } from '../model/form.ts';
import { openDialog } from '../model/open-dialog.ts';
import type { Tone } from '../model/parts.ts';
import type { ConsoleState } from '../model/state.ts';

/** What these actions need of the store. */
export interface ClientTools {
  getState(): ConsoleState;
  update(change: (state: ConsoleState) => ConsoleState): void;
  notify(text: string, tone?: Tone): void;
  reload(): void;
  queue(): Access | undefined;
}

/** The actions on clients. */
export function makeClientActions(tools: ClientTools): ClientActions {
  const { getState, notify } = tools;

  function withQueue(work: (queue: Access, clients: TaskCatalogue['clients']) => void): void {
    const queue = tools.queue();
    const { catalogue } = getState();
    if (queue && catalogue) work(queue, catalogue.clients);
    else notify('This machine is not set up: run aegir setup.', 'warn');
  }

  return {
    add: () =>
      withQueue((queue, { addClient, fields }) => {
        const topic = topicOf('Add', 'Adds a client, to whom sites can belong.', true, (name, args) => {
          addClient(queue, name, args as ClientChange);
          return `Added: client ${name}`;
        });
        openDialog(tools, { kind: 'form', form: makeFormAtOnce(topic, fields, [], {}) });
      }),
    edit: (name) =>
      withQueue((queue, { editClient, editFields }) => {
        const topic = topicOf('Edit', 'What is left empty stays.', false, (_none, args) => {
          editClient(queue, name, args as ClientChange);
          return `Changed: client ${name}`;
        });
        openDialog(tools, { kind: 'form', form: makeFormAtOnce(topic, editFields, [name], presentOf(queue, name)) });
      }),
    askRemove: (name) =>
      withQueue((queue, { deleteClient }) => {
        const run = (): void => {
          try {
            deleteClient(queue, name);
            tools.reload();
            notify(`Removed: client ${name}`, 'good');
          } catch (error) {
            const { message, hint } = describeError(error);
            notify(`${message}. ${hint}`, 'bad');
          }
        };
        const choices = [{ label: 'No, keep' }, { label: 'Yes, remove', run }];
        const lines = ['Its name, address and quotas are forgotten. A client who has sites stays.'];
        openDialog(tools, { kind: 'confirm', title: `Remove client ${name}?`, lines, choices, selected: 0, top: 0 });
      }),
  };
}

const topicOf = (title: string, summary: string, creates: boolean, save: AtOnce['save']): AtOnce => ({
  ...{ type: `client.${title.toLowerCase()}`, title, summary, creates, save },
  object: 'client',
  danger: 'none',
});

function presentOf({ inventory }: Access, name: string): Record<string, string> {
  const client = findClient(inventory, name);
  if (!client) return {};
  const { mail, maxSites, maxDiskBytes } = client;
  const maxDiskMb = String(Math.round((maxDiskBytes ?? 0) / 1_000_000));
  return { rename: name, mail, maxSites: String(maxSites ?? 0), maxDiskMb };
}
