import { expect, it } from 'vitest';
import { transact } from '../../src/db/inventory.ts';
import { saveSchedule } from '../../src/db/schedules.ts';
import { findSite, removeSite, renameSite, updateSite } from '../../src/db/sites.ts';
import { endTask } from '../../src/db/task-changes.ts';
import { shownList } from '../../src/state/pages/list.ts';
import { cellContext } from '../../src/state/pages/page-table.ts';
import { type OpenStore, openStore, until } from '../support/open-store.ts';

/** The cells of a column, by the URI of their site. */
function column({ store }: OpenStore, title: string): Record<string, string> {
  const state = store.getState();
  const list = shownList(state);
  const place = list?.table.columns.findIndex((one) => one.title === title) ?? -1;
  const cells = (list?.rows ?? []).map((row) => list?.table.cells(row, cellContext(state)) ?? []);
  return Object.fromEntries(cells.map((row) => [row[0]?.text ?? '', row[place]?.text ?? '']));
}

function filter({ press, type }: OpenStore, text: string): void {
  press('esc', '/');
  type(text);
  press('enter');
}

/** Three sites with backups: one in time, one late, one that no schedule asks for; wiki has lost all that its schedule made. */
async function withBackups(): Promise<OpenStore> {
  const open = await openStore({}, 6);
  const { db } = open.seeded;
  const ago = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();
  const made = (uri: string, hours: number): unknown =>
    db
      .prepare(
        'UPDATE backup SET uri = ?, created_at = ? WHERE id = (SELECT min(id) FROM backup WHERE uri NOT IN (?, ?))',
      )
      .run(uri, ago(hours), 'blog.example.test', 'forum.example.test');
  made('blog.example.test', 3);
  made('forum.example.test', 50);
  for (const uri of ['blog', 'forum', 'old'])
    saveSchedule(db, findSite(db, `${uri}.example.test`)?.id ?? 0, 'site.backup', { minutes: 24 * 60 });
  db.prepare('UPDATE backup SET created_at = ? WHERE uri = ?').run(ago(24 * 30), 'wiki.example.test');
  db.prepare('UPDATE site SET created_at = ?').run(ago(24 * 9));
  open.press('ctrl-r');
  return open;
}

it('the list of sites shows how old the newest backup is, and where it is older than its schedule wants', async () => {
  const open = await withBackups();
  expect(column(open, 'BACKUP')).toEqual({
    'blog.example.test': '3h ago',
    'forum.example.test': '2d ago !',
    'new.example.test': '–',
    'old.example.test': '– !',
    'shop.example.test': '–',
    'wiki.example.test': '4w ago',
  });
  filter(open, 'backup:late');
  expect(Object.keys(column(open, 'BACKUP'))).toEqual(['forum.example.test', 'old.example.test']);
  filter(open, 'backup:none');
  expect(Object.keys(column(open, 'BACKUP'))).toEqual(['new.example.test', 'old.example.test', 'shop.example.test']);
  open.press('esc', 'o', 'o', 'o', 'o', 'o');
  expect(Object.keys(column(open, 'BACKUP')).slice(3)).toEqual([
    'wiki.example.test',
    'forum.example.test',
    'blog.example.test',
  ]);
});

it('task: filters sites by their newest task, and follows it', async () => {
  const open = await openStore({}, 6);
  filter(open, 'task:failed');
  expect(Object.keys(column(open, 'LAST TASK'))).toEqual(['forum.example.test']);
  endTask(open.seeded.db, open.seeded.running, { state: 'failed', error: { code: 'X', message: 'x', hint: '' } });
  open.press('ctrl-r');
  expect(Object.keys(column(open, 'LAST TASK'))).toEqual(['forum.example.test', 'new.example.test']);
  filter(open, '!task:none task:verify');
  expect(Object.keys(column(open, 'LAST TASK'))).toEqual(['forum.example.test', 'new.example.test']);
  filter(open, 'task:none');
  expect(Object.keys(column(open, 'LAST TASK'))).toHaveLength(4);
});

it('a site that changes, comes or goes does so in a filtered and sorted list, and the others stay', async () => {
  const open = await openStore({}, 6);
  const { db } = open.seeded;
  const uris = (): string[] => Object.keys(column(open, 'STATE'));
  filter(open, 'state:enabled');
  open.press('o', 'o', 'O');
  const before = uris();
  expect(before).toContain('blog.example.test');
  updateSite(db, 'blog.example.test', { state: 'disabled' });
  await until(() => !uris().includes('blog.example.test'));
  expect(uris()).toEqual(before.filter((uri) => uri !== 'blog.example.test'));
  updateSite(db, 'blog.example.test', { state: 'enabled', lockReason: 'an undo that failed' });
  await until(() => uris().includes('blog.example.test'));
  expect(uris()).toEqual(before);
  transact(db, () => renameSite(db, 'blog.example.test', { uri: 'blog.example.org', aliases: [] }));
  removeSite(db, 'wiki.example.test');
  await until(() => uris().includes('blog.example.org'));
  expect(uris().toSorted()).toEqual(
    before
      .map((uri) => (uri === 'blog.example.test' ? 'blog.example.org' : uri))
      .filter((uri) => uri !== 'wiki.example.test')
      .toSorted(),
  );
  open.press('esc', 'esc');
  expect(open.store.getState().data.counts.sites).toBe(5);
  expect(uris()).toHaveLength(5);
});
