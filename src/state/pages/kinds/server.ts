import { listTaskLines } from '../../../db/lists.ts';
import { listServers, type ServerRow } from '../../../db/servers.ts';
import { serviceId, serviceName } from '../../../provision/model/context.ts';
import type { Act } from '../../model/command.ts';
import { MOST_TASKS } from '../../model/data.ts';
import type { ConsoleState, Dialog, Finding, Page } from '../../model/state.ts';
import { findingTable } from '../../tables/finding-table.ts';
import { type ServiceLine, serviceTable } from '../../tables/tab-tables.ts';
import { formatAgo, formatBytes } from '../../text/format.ts';
import { definePage, type HeadFact } from '../definition.ts';
import { textFact } from '../facts.ts';
import { tableFrom } from '../page-table.ts';
import { tasksTab } from '../tasks-tab.ts';
import { textDialog } from '../text-dialog.ts';

/** One server. */
export const serverPage = definePage({
  kind: 'server',
  title: 'Servers',
  goTo: 'Go to a server',
  about: 'server',
  facts: (state, { name }) => serverFacts(state, name) ?? `There is no server ${name}.`,
  tabs: [
    { id: 'services', title: 'Services', table: tableFrom(serviceTable, servicesOf) },
    {
      id: 'doctor',
      title: 'Doctor',
      table: tableFrom(findingTable, ({ findings }) => findings ?? noFindings),
      rowDialog: findingDialog,
      showsFindings: true,
    },
    tasksTab,
  ],
  read: ({ db }, { name }) => ({ objectTasks: listTaskLines(db, MOST_TASKS, { kind: 'server', name }) }),
  names: { of: 'server', read: (db) => listServers(db).map(({ name }) => name) },
  palette: {
    order: 2,
    read: ({ db }) => listServers(db).map(({ name }) => ({ kind: 'server', name, text: name, about: 'server' })),
  },
});

const noFindings: readonly Finding[] = [];
const noServices: readonly ServiceLine[] = [];
const probed = new WeakMap<ServerRow, { by: ConsoleState['services']; lines: readonly ServiceLine[] }>();

const serverNamed = ({ data }: ConsoleState, name: string): ServerRow | undefined =>
  data.servers.find((candidate) => candidate.name === name);

/** The services of a server with how they were when they were asked last. */
function servicesOf(state: ConsoleState, { name }: Page): readonly ServiceLine[] {
  const { services: by } = state;
  const server = serverNamed(state, name);
  if (!server) return noServices;
  const known = probed.get(server);
  if (known?.by === by) return known.lines;
  const lines = server.services.map((service) => ({
    ...service,
    id: serviceId(server.services, service),
    state: by.find(({ name }) => name === serviceName(service))?.state,
  }));
  probed.set(server, { by, lines });
  return lines;
}

/** All of what was found, which its line has no room for. */
function findingDialog(id: string, act: Act): Dialog | undefined {
  const finding = act.state().findings?.find(({ title }) => title === id);
  if (!finding) return undefined;
  const { title, state, message, hint } = finding;
  const mend = state === 'missing' ? [{ label: 'Let setup mend it', run: () => act.runCommand('mend') }] : [];
  const lines = state === 'good' ? ['Nothing is wrong with it.'] : [message, '', hint];
  return textDialog(title, lines, mend);
}

function serverFacts(state: ConsoleState, name: string): HeadFact[][] | undefined {
  const { data, now, hostName, machine } = state;
  const server = serverNamed(state, name);
  if (!server) return undefined;
  return [
    [
      textFact('machine', hostName),
      textFact('sites', String(data.counts.sites)),
      textFact('platforms', String(data.counts.platforms)),
    ],
    [
      textFact('web server user', server.webUser),
      textFact('handles', `${server.handlePrefix}1, ${server.handlePrefix}2, …`),
    ],
    [...machineFacts(machine), textFact('verified', formatAgo(server.verifiedAt, now))],
  ];
}

/** What is left of the disk, and how busy the machine is; marked where that will be felt. */
function machineFacts(machine: ConsoleState['machine']): HeadFact[] {
  if (!machine) return [];
  const { disk, load, cpus } = machine;
  const little = disk.freeBytes < disk.totalBytes / 20;
  const busy = (load[0] ?? 0) > cpus * 2;
  const [free, total] = [formatBytes(disk.freeBytes), formatBytes(disk.totalBytes)];
  return [
    { name: 'disk', cell: { text: `${free} of ${total} free`, tone: little ? 'bad' : 'plain' } },
    {
      name: 'load',
      cell: { text: `${load.map((part) => part.toFixed(2)).join(' ')} (${cpus} CPUs)`, tone: busy ? 'warn' : 'plain' },
    },
  ];
}
