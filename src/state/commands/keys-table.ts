import type { AnyTask } from '../../provision/tasks/model/tasks.ts';
import type { Command, Scope } from '../model/command.ts';
import type { ConsoleRegistry, PageDefinition } from '../pages/definition.ts';
import { keyLabel } from '../text/keys.ts';
import { beginCommands } from './begin.ts';
import { liveLogs } from './places.ts';

const BEGIN = '<!-- keys: generated from the command registry; npm run docs writes it -->';
const END = '<!-- end of keys -->';

/** The table of all keys as Markdown, made from the registry and the task types. */
export function keysTable(registry: ConsoleRegistry, definitions: readonly AnyTask[]): string {
  const commands = [...registry.commands, ...beginCommands(definitions)];
  const rows = commands.map(
    (command) =>
      `| ${keysOf(command)} | ${command.title} | ${placesOf(command, registry)} | \`:${lineOf(command)}\` | ${command.help} |`,
  );
  return ['| Key | What it does | Where | `:` line | |', '|---|---|---|---|---|', ...rows].join('\n');
}

/** A document with the table of keys between its markers made anew. Throws when it has no markers. */
export function withKeysTable(document: string, registry: ConsoleRegistry, definitions: readonly AnyTask[]): string {
  const from = document.indexOf(BEGIN);
  const to = document.indexOf(END);
  if (from < 0 || to < from) throw new Error(`the document has no place for the keys: ${BEGIN} ... ${END}`);
  return `${document.slice(0, from)}${BEGIN}\n\n${keysTable(registry, definitions)}\n\n${document.slice(to)}`;
}

const keysOf = ({ keys }: Command): string => keys.map((key) => `\`${keyLabel(key)}\``).join(' ') || '–';

const lineOf = ({ id, takes }: Command): string =>
  takes ? `${id} ${takes === 'filter' ? 'WORDS' : takes === 'task' ? 'NUMBER' : 'NAME'}` : id;

const placesOf = ({ scopes }: Command, { pages }: ConsoleRegistry): string =>
  [...new Set(scopes.map((scope) => placeOf(scope, pages)))].join(', ');

function placeOf(scope: Scope, pages: ConsoleRegistry['pages']): string {
  if (scope === 'anywhere') return 'anywhere';
  if (scope === 'list') return 'lists';
  if (scope === 'tabs') return 'pages with tabs';
  if (scope === 'log') return 'logs, a task’s page';
  if (scope === 'live-log') return liveLogs(pages).map(pageName).join(', ');
  const [where, name = ''] = scope.split(':');
  if (where === 'on') return `on a ${name}`;
  const [kind = '', id] = name.split('.');
  const page = pages.get(kind);
  if (where === 'tab') return `the tab ${page?.tabs?.find((tab) => tab.id === id)?.title ?? id}`;
  return page ? pageName(page) : `a ${kind}’s page`;
}

const pageName = ({ kind, title, view }: PageDefinition): string => (view ? title : `a ${kind}’s page`);
