import type { Scope } from '../model/command.ts';
import { type ConsoleRegistry, type PageDefinition, placeOfPage, placeOfTab } from '../pages/definition.ts';

type Pages = ConsoleRegistry['pages'];

/** Where a command is done, for people. */
export const placeOf = (scopes: readonly Scope[], pages: Pages): string =>
  [...new Set(scopes.map((scope) => placeOfScope(scope, pages)))].slice(0, 2).join(', or on ');

/** The pages that show a log in which something goes on. */
export const liveLogs = (pages: Pages): PageDefinition[] => [...pages.values()].filter(({ log }) => log && !log.still);

function placeOfScope(scope: Scope, pages: Pages): string {
  if (scope === 'anywhere') return 'every page';
  if (scope === 'list') return 'a list';
  if (scope === 'tabs') return 'a page with tabs';
  if (scope === 'log') return 'a log';
  if (scope === 'live-log') return liveLogs(pages).map(placeOfPage).join(', or on ');
  const [where = '', name = ''] = scope.split(':');
  if (where === 'on') return `a ${name}`;
  const [kind = '', id] = name.split('.');
  const definition = pages.get(kind);
  if (!definition) return `a page that is not there: ${kind}`;
  const tab = definition.tabs?.find((one) => one.id === id);
  return tab ? placeOfTab(definition, tab) : placeOfPage(definition);
}
