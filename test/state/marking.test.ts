import { describe, expect, it } from 'vitest';
import { currentDialog } from '../../src/state/model/state.ts';
import { openStore, until } from '../support/open-store.ts';
import { typeLine } from '../support/walk.ts';

const production = { label: 'PRODUCTION', colour: 'red', production: true } as const;

describe('on a production server', () => {
  it('what wants a yes for a site elsewhere wants its name', async () => {
    const open = await openStore({ marking: production });
    await until(() => open.store.getState().catalogue !== undefined);
    typeLine(open, 'site-disable shop.example.test');
    expect(currentDialog(open.store.getState())).toMatchObject({ kind: 'typed', expected: 'shop.example.test' });
    open.press('esc', '3', 'r');
    // A server is no site: its form opens as elsewhere.
    expect(currentDialog(open.store.getState())?.kind).toBe('form');
  });

  it('elsewhere a yes is enough', async () => {
    const open = await openStore();
    await until(() => open.store.getState().catalogue !== undefined);
    typeLine(open, 'site-disable shop.example.test');
    expect(currentDialog(open.store.getState())).toMatchObject({ kind: 'confirm', selected: 0 });
  });
});

it('a trial says that it is one', async () => {
  const open = await openStore();
  open.seeded.db.prepare('UPDATE server SET uid_base = 0').run();
  await open.again();
  expect(open.store.getState().marking).toMatchObject({ label: 'trial', colour: 'green', production: false });
});
