import { listSiteLines, refreshSites, type SiteList } from '../../../db/site-lines.ts';
import type { Data } from '../../model/data.ts';
import type { ListState } from '../../model/state.ts';
import { definePage, type PageSource } from '../definition.ts';
import { siteTableFrom } from '../site-rows.ts';

/** All sites. */
export const sitesPage = definePage({
  kind: 'sites',
  title: 'Sites',
  view: { key: '1' },
  list: {
    table: siteTableFrom(({ data }) => data.sites),
    rowKind: 'site',
    opens: 'site',
    marks: true,
    filtersByTask: true,
    total: ({ data }) => data.counts.sites,
  },
  read: (source, { list }, old) => ({ sites: readSites(source, list, old) }),
});

/** Rows of the first frame: more than any screen has room for. */
const FIRST_ROWS = 200;

/** Of a hundred thousand sites only those are read that have changed. */
function readSites({ db }: PageSource, list: ListState, { generation, sites }: Data): SiteList {
  // The first frame shows a screenful, where that is known without the rest; the rest is read right behind it.
  if (generation === 0 && isPlain(list)) return { ...sites, lines: listSiteLines(db, { limit: FIRST_ROWS }) };
  return refreshSites(db, sites);
}

const isPlain = ({ filter, sort, index }: ListState): boolean => filter === '' && !sort && index < FIRST_ROWS / 2;
