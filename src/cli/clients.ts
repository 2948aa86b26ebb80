import type { Command } from 'commander';
import { type ClientRow, findClient, listClients, sitesOfClient } from '../db/clients.ts';
import { transactAndRollBack } from '../db/inventory.ts';
import { formatBytes } from '../state/text/format.ts';
import {
  addClient,
  type ClientChange,
  clientArgs,
  clientEditArgs,
  deleteClient,
  editClient,
} from '../worker/clients.ts';
import type { Action } from './action.ts';
import { addFieldOptions, fieldValues } from './field-options.ts';
import { noSuchObject } from './objects.ts';
import { printPlan } from './output.ts';
import type { Session } from './session.ts';

/** `client list|show|add|edit|remove`. A client exists only in the inventory, so no task is queued. */
export function clientCommands(group: Command, action: Action): void {
  group
    .command('list')
    .description('List the clients.')
    .addHelpText('after', '\nExample:\n  aegir client list')
    .action(action(showAll));
  group
    .command('show')
    .argument('<name>', 'the client')
    .description('Show a client with its sites.')
    .addHelpText('after', '\nExample:\n  aegir client show "Ann Example"')
    .action(action((session, [name = '']) => showOne(session, name)));
  addFieldOptions(group.command('add').argument('<name>', 'the client').description('Add a client.'), clientArgs)
    .addHelpText('after', '\nExample:\n  aegir client add "Ann Example" --mail ann@example.org --max-sites 5')
    .action(
      action((session, [name = ''], values) =>
        change(session, { would: `add client ${name}`, done: `client ${name} added` }, () => {
          addClient(session.queue(), name, fieldValues(clientArgs, values));
          return found(session, name);
        }),
      ),
    );
  const edit = group.command('edit').argument('<name>', 'the client').description('Change a client.');
  addFieldOptions(edit, clientEditArgs)
    .addHelpText('after', '\nExample:\n  aegir client edit "Ann Example" --max-sites 10 --max-disk 5000')
    .action(
      action((session, [name = ''], values) =>
        change(session, { would: `change client ${name}`, done: `client ${name} changed` }, () => {
          const wanted: ClientChange = fieldValues(clientEditArgs, values);
          editClient(session.queue(), name, wanted);
          return found(session, wanted.rename ?? name);
        }),
      ),
    );
  group
    .command('remove')
    .argument('<name>', 'the client')
    .description('Remove a client that has no sites.')
    .addHelpText('after', '\nExample:\n  aegir client remove "Ann Example"')
    .action(
      action((session, [name = '']) =>
        change(session, { would: `remove client ${name}`, done: `client ${name} removed` }, () => {
          deleteClient(session.queue(), name);
          return { name, state: 'removed' };
        }),
      ),
    );
}

/** Makes a change and prints its document; with --dry-run it rolls the change back and prints only what it would do. */
function change(session: Session, texts: { would: string; done: string }, work: () => unknown): number {
  const { out, options } = session;
  if (!options.dryRun) {
    out.document(work());
    out.say(texts.done);
    return 0;
  }
  transactAndRollBack(session.root().inventory, work);
  return printPlan(session, [texts.would]);
}

function showAll({ root, out }: Session): number {
  const clients = listClients(root().inventory).map(clientShape);
  out.document(clients);
  out.table(
    ['NAME', 'E-MAIL', 'SITES', 'DISK'],
    clients.map((client) => [client.name, client.mail, sitesText(client), diskText(client)]),
  );
  return 0;
}

/** A client in `client show --json`. Throws `NO_SUCH_OBJECT`. */
function found({ root }: Session, name: string) {
  const { inventory } = root();
  const row = findClient(inventory, name);
  const names = listClients(inventory).map((client) => client.name);
  if (!row) throw noSuchObject('client', name, names);
  return { ...clientShape(row), uris: sitesOfClient(inventory, row.id) };
}

function showOne(session: Session, name: string): number {
  const { out } = session;
  const client = found(session, name);
  out.document(client);
  out.facts([
    ['Name', client.name],
    ['E-mail', client.mail],
    ['Sites', `${sitesText(client)}: ${client.uris.join(', ')}`],
    ['Disk', diskText(client)],
  ]);
  return 0;
}

/** A client in `client list --json`. */
const clientShape = ({ name, mail, sites, maxSites, diskBytes, maxDiskBytes, createdAt }: ClientRow) => ({
  name,
  mail,
  sites,
  maxSites,
  diskBytes,
  maxDiskBytes,
  createdAt,
});

type Shape = ReturnType<typeof clientShape>;
const sitesText = ({ sites, maxSites }: Shape): string => (maxSites === null ? `${sites}` : `${sites} of ${maxSites}`);
const diskText = ({ diskBytes, maxDiskBytes }: Shape): string =>
  maxDiskBytes === null ? formatBytes(diskBytes) : `${formatBytes(diskBytes)} of ${formatBytes(maxDiskBytes)}`;
