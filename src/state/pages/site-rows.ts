import type { SiteLine, SiteList } from '../../db/site-lines.ts';
import type { ConsoleState } from '../model/state.ts';
import { makeRows } from '../tables/rows.ts';
import { siteTableWith } from '../tables/site-table.ts';
import { makeTable, type Rows, type Table, type TableSpec } from '../tables/table.ts';

interface Known {
  list: SiteList;
  tasks: ReadonlyMap<string, string>;
  spec: TableSpec<SiteLine>;
  rows: Rows<SiteLine>;
  table: Table;
}

/**
 * Gives a page the table of a list of sites, with their newest tasks. There may be a hundred thousand sites of which few
 * change at once: the cached results of filter and sorting are kept for the others.
 */
export function siteTableFrom(sites: (state: ConsoleState) => SiteList): (state: ConsoleState) => Table {
  let known: Known | undefined;
  return (state) => {
    const list = sites(state);
    const tasks = state.data.siteTasks.states;
    if (known?.tasks === tasks && known.list === list) return known.table;
    const spec = known?.tasks === tasks ? known.spec : siteTableWith(tasks);
    const rows = known ? rowsAfter(known, list, spec) : makeRows(spec, list.lines);
    known = { list, tasks, spec, rows, table: makeTable(spec, rows) };
    return known.table;
  };
}

function rowsAfter({ list: old, rows }: Known, list: SiteList, spec: TableSpec<SiteLine>): Rows<SiteLine> {
  const { lines, from } = list;
  if (old === list) return rows.after(spec, lines, noneChanged);
  return from?.revision === old.revision && from.lines === old.lines
    ? rows.after(spec, lines, from.was)
    : makeRows(spec, lines);
}

const noneChanged: ReadonlyMap<number, SiteLine> = new Map();
