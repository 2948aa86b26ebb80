import { expect, it } from 'vitest';
import { savePackages } from '../../src/db/packages.ts';
import { findPlatform, insertPlatform, updatePlatform } from '../../src/db/platforms.ts';
import { shownList } from '../../src/state/pages/list.ts';
import { cellContext } from '../../src/state/pages/page-table.ts';
import { openStore } from '../support/open-store.ts';

it('a platform shows which of its packages another platform of its CMS has newer', async () => {
  const { store, press, type, seeded } = await openStore();
  const { db } = seeded;
  const add = (name: string, engine: string, version: string): void => {
    insertPlatform(db, { name, server: 'server_master', root: `/srv/${name}`, source: '', managed: false });
    updatePlatform(db, name, { state: 'ready', engine, version: '6.9', profiles: [] }, true);
    savePackages(db, { platformId: findPlatform(db, name)?.id ?? 0 }, [
      { kind: 'plugin', name: 'akismet', title: 'Akismet', version },
      { kind: 'theme', name: 'old', title: 'Old', version: '0.9' },
    ]);
  };
  add('wp-6.9', 'wordpress', '5.9');
  add('wp-7.0', 'wordpress', '5.10');
  add('other', 'drupal', '9.9');
  savePackages(db, { platformId: findPlatform(db, 'wp-6.8')?.id ?? 0 }, [
    { kind: 'plugin', name: 'akismet', title: 'Akismet', version: '5.1' },
    { kind: 'theme', name: 'old', title: 'Old', version: '1.0' },
  ]);
  press(':');
  type('platform wp-6.8');
  press('enter', 'tab');
  const list = shownList(store.getState());
  const newer = list?.rows.map((row) => list.table.cells(row, cellContext(store.getState()))[3]?.text);
  expect(newer).toEqual(['5.10 on wp-7.0', '–']);
});
