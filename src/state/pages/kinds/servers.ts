import { serverTable } from '../../tables/tables.ts';
import { definePage } from '../definition.ts';
import { tableFrom } from '../page-table.ts';

/** All servers; they are read for every page. */
export const serversPage = definePage({
  kind: 'servers',
  title: 'Servers',
  view: { key: '3' },
  list: {
    table: tableFrom(serverTable, ({ data }) => data.servers),
    rowKind: 'server',
    opens: 'server',
    marks: true,
  },
});
