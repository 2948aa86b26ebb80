import type { AnyTask } from '../../provision/tasks/model/tasks.ts';
import type { Command, Scope } from '../model/command.ts';
import { keyLabel } from '../text/keys.ts';
import { beginCommands } from './begin.ts';
import { ownCommands } from './registry.ts';

const BEGIN = '<!-- keys: generated from the command registry; npm run docs writes it -->';
const END = '<!-- end of keys -->';

/** The table of all keys as Markdown, made from the command registry. */
export function keysTable(definitions: readonly AnyTask[]): string {
  const commands = [...ownCommands, ...beginCommands(definitions)];
  const rows = commands.map(
    (command) =>
      `| ${keysOf(command)} | ${command.title} | ${placeOf(command)} | \`:${lineOf(command)}\` | ${command.help} |`,
  );
  return ['| Key | What it does | Where | `:` line | |', '|---|---|---|---|---|', ...rows].join('\n');
}

/** A document with the table of keys between its markers made anew. Throws when it has no markers. */
export function withKeysTable(document: string, definitions: readonly AnyTask[]): string {
  const from = document.indexOf(BEGIN);
  const to = document.indexOf(END);
  if (from < 0 || to < from) throw new Error(`the document has no place for the keys: ${BEGIN} ... ${END}`);
  return `${document.slice(0, from)}${BEGIN}\n\n${keysTable(definitions)}\n\n${document.slice(to)}`;
}

const keysOf = ({ keys }: Command): string => keys.map((key) => `\`${keyLabel(key)}\``).join(' ') || '–';

const lineOf = ({ id, takes }: Command): string =>
  takes ? `${id} ${takes === 'filter' ? 'WORDS' : takes === 'task' ? 'NUMBER' : 'NAME'}` : id;

const placeOf = ({ scopes }: Command): string => [...new Set(scopes.map(scopeName))].join(', ');

function scopeName(scope: Scope): string {
  if (scope === 'anywhere') return 'anywhere';
  if (scope === 'list') return 'lists';
  if (scope === 'tabs') return 'pages with tabs';
  if (scope === 'log') return 'logs, a task’s page';
  const [where, kind] = scope.split(':');
  if (where === 'tab') return `the tab ${kind}`;
  if (where === 'on') return `on a ${kind}`;
  return kind?.endsWith('s') || kind === 'home' ? `${kind?.[0]?.toUpperCase()}${kind?.slice(1)}` : `a ${kind}’s page`;
}
