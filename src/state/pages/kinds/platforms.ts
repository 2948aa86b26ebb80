import { listPlatforms } from '../../../db/platforms.ts';
import { platformTable } from '../../tables/tables.ts';
import { definePage } from '../definition.ts';
import { tableFrom } from '../page-table.ts';

/** All platforms. */
export const platformsPage = definePage({
  kind: 'platforms',
  title: 'Platforms',
  view: { key: '2' },
  list: {
    table: tableFrom(platformTable, ({ data }) => data.platforms),
    rowKind: 'platform',
    opens: 'platform',
    marks: true,
  },
  read: ({ db }) => ({ platforms: listPlatforms(db) }),
});
