import { listTaskLines, type TaskLine } from '../../src/db/lists.ts';
import { listSiteLines, type SiteLine } from '../../src/db/site-lines.ts';
import { definePage } from '../../src/state/pages/definition.ts';
import { textFact } from '../../src/state/pages/facts.ts';
import { ownData } from '../../src/state/pages/own-data.ts';
import { tableFrom } from '../../src/state/pages/page-table.ts';
import type { TableSpec } from '../../src/state/tables/table.ts';
import { taskTable } from '../../src/state/tables/tables.ts';

const read = ownData<{ failed: readonly TaskLine[]; unsaved: readonly SiteLine[] }>({ failed: [], unsaved: [] });

const unsavedTable: TableSpec<SiteLine> = {
  columns: [
    { title: 'WITHOUT A BACKUP', width: 20, grow: 1 },
    { title: 'CLIENT', width: 10 },
  ],
  id: ({ uri }) => uri,
  text: ({ uri, client }) => `${uri} ${client}`,
  fields: { client: ({ client }) => client },
  sort: [({ uri }) => uri, ({ client }) => client],
  cells: ({ uri, client }) => [{ text: uri }, { text: client }],
  empty: 'Every site has a backup.',
};

/** A page that no console has by itself: what somebody should look at. All that is known of it is in this file. */
export const attentionPage = definePage({
  kind: 'attention',
  title: 'Attention',
  view: { key: '7', help: 'Failed tasks, and sites without a backup.' },
  facts: ({ data }) => [
    [
      textFact('failed', String(read.of(data).failed.length)),
      textFact('unsaved', String(read.of(data).unsaved.length)),
    ],
  ],
  tabs: [
    {
      id: 'failed',
      title: 'Failed',
      table: tableFrom(taskTable, ({ data }) => read.of(data).failed),
      rowKind: 'task',
      opens: 'task',
    },
    {
      id: 'unsaved',
      title: 'Unsaved',
      table: tableFrom(unsavedTable, ({ data }) => read.of(data).unsaved),
      rowKind: 'site',
      opens: 'site',
      marks: true,
    },
  ],
  read: ({ db }, _page, old) =>
    read.put(old, {
      failed: listTaskLines(db, 100).filter(({ state }) => state === 'failed'),
      unsaved: listSiteLines(db).filter(({ backupAt }) => backupAt === 0),
    }),
});
