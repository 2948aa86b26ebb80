import { listTaskLines } from '../../../db/lists.ts';
import { findPlatformLine, listPlatforms, sitesOnPlatform } from '../../../db/platforms.ts';
import { refreshSites } from '../../../db/site-lines.ts';
import { type PackageLine, packagesWithNewer } from '../../../worker/compare.ts';
import { MOST_TASKS } from '../../model/data.ts';
import type { ConsoleState } from '../../model/state.ts';
import { stateCell } from '../../tables/cells.ts';
import { platformPackageTable } from '../../tables/tab-tables.ts';
import { formatAgo } from '../../text/format.ts';
import { definePage, type HeadFact } from '../definition.ts';
import { lockFacts, textFact } from '../facts.ts';
import { ownData } from '../own-data.ts';
import { tableFrom } from '../page-table.ts';
import { siteTableFrom } from '../site-rows.ts';
import { tasksTab } from '../tasks-tab.ts';

const packages = ownData<readonly PackageLine[]>([]);

/** One platform. */
export const platformPage = definePage({
  kind: 'platform',
  title: 'Platforms',
  goTo: 'Go to a platform',
  about: 'platform',
  breadcrumb: ({ data: { platform } }, { name }) =>
    platform?.name === name ? [platform.server, platform.name] : undefined,
  facts: (state, { name }) =>
    platformFacts(state, name) ?? `There is no platform ${name} (any more). Its tasks are kept.`,
  tabs: [
    {
      id: 'sites',
      title: 'Sites',
      table: siteTableFrom(({ data }) => data.objectSites),
      rowKind: 'site',
      opens: 'site',
      filtersByTask: true,
    },
    { id: 'packages', title: 'Packages', table: tableFrom(platformPackageTable, ({ data }) => packages.of(data)) },
    tasksTab,
  ],
  read({ db }, { name }, old) {
    const platform = findPlatformLine(db, name);
    return {
      platform,
      objectSites: refreshSites(db, old.objectSites, name),
      objectTasks: listTaskLines(db, MOST_TASKS, { kind: 'platform', name }),
      ...packages.put(old, platform ? packagesWithNewer(db, platform) : []),
    };
  },
  names: { of: 'platform', read: (db) => listPlatforms(db).map(({ name }) => name) },
  palette: {
    order: 3,
    read: ({ db }) => listPlatforms(db).map(({ name }) => ({ kind: 'platform', name, text: name, about: 'platform' })),
  },
});

function platformFacts({ data: { platform }, now }: ConsoleState, name: string): HeadFact[][] | undefined {
  if (!platform || platform.name !== name) return undefined;
  return [
    [
      { name: 'state', cell: stateCell(platform.state) },
      textFact('CMS', `${platform.engine} ${platform.version}`.trim() || 'not known yet'),
      ...(platform.php === '' ? [] : [textFact('PHP', platform.php)]),
      textFact('sites', sitesOnPlatform(platform)),
      ...lockFacts(platform.lockReason),
    ],
    [textFact('folder', platform.root), textFact('source', platform.source)],
    [
      textFact('profiles', platform.profiles.map((profile) => profile.name).join(', ') || 'none'),
      textFact('verified', formatAgo(platform.verifiedAt, now)),
    ],
  ];
}
