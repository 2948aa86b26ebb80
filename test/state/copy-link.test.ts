import { expect, it } from 'vitest';
import { markCommitted } from '../../src/db/task-changes.ts';
import { currentPage } from '../../src/state/model/state.ts';
import { openStore, until } from '../support/open-store.ts';

it('copying on the page of a task sends the link that it made; with a line of the log chosen, that line', async () => {
  const open = await openStore();
  const url = `http://shop.example.test/?aegir_login=${'f'.repeat(97)}`;
  markCommitted(open.seeded.db, open.seeded.running, { url });
  open.press('4', 'enter');
  const { store } = open;
  expect(currentPage(store.getState())).toMatchObject({ kind: 'task', name: String(open.seeded.running) });
  await until(() => store.getState().data.log.total > 0);
  open.press('y');
  expect(store.getState().notice?.text).toContain(`${url.length} characters`);
  open.press('k', 'y');
  expect(store.getState().notice?.text).toContain(`${'line 58 of the installer'.length} characters`);
});
