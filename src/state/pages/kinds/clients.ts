import { type ClientLine, listClientLines, listClientNames } from '../../../db/lists.ts';
import { emptyPage, type Page } from '../../model/state.ts';
import { clientTable } from '../../tables/tables.ts';
import { definePage } from '../definition.ts';
import { ownData } from '../own-data.ts';
import { tableFrom } from '../page-table.ts';

const clients = ownData<readonly ClientLine[]>([]);

/** All clients. A client has no page of its own: its sites are what one looks for. */
export const clientsPage = definePage({
  kind: 'clients',
  title: 'Clients',
  view: { key: '6' },
  list: {
    table: tableFrom(clientTable, ({ data }) => clients.of(data)),
    rowKind: 'client',
    opens: sitesOfClient,
  },
  read: ({ db }, _page, old) => clients.put(old, listClientLines(db)),
  names: { of: 'client', read: (db) => listClientNames(db) },
  palette: {
    order: 4,
    read: ({ db }) =>
      listClientNames(db).map((name) => ({ kind: 'clients', name, text: name, about: 'client, its sites' })),
    page: sitesOfClient,
  },
});

function sitesOfClient(name: string): Page {
  const page = emptyPage('sites');
  return { ...page, list: { ...page.list, filter: `client:=${name}` } };
}
