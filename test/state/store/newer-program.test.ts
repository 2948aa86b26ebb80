import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { currentDialog, currentPage } from '../../../src/state/model/state.ts';
import type { ConsoleDeps } from '../../../src/state/model/store.ts';
import { openStore, until } from '../../support/open-store.ts';
import { typeLine } from '../../support/walk.ts';

const NEW = '0.2.0-0123456789ab';
let folder = '';
let deps: Partial<ConsoleDeps> = {};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegir-newer-'));
  deps = { placeFile: join(folder, 'place') };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a console under which another program is installed', () => {
  it('says so once, with the key that reopens it', async () => {
    let newer: string | undefined;
    const { store, press } = await openStore({ ...deps, newerProgram: () => newer });
    press('U');
    expect(store.getState().notice?.text).toContain('no other program was installed');
    newer = NEW;
    await until(() => store.getState().newer === NEW);
    expect(store.getState().notice?.text).toBe(`${NEW}: newer program installed: U reopens this console`);
    press('U');
    expect(store.getState().exit).toEqual({ reason: 'reopen', tasks: 'none' });
  });

  it('is in the same place again, with marks, filter, what was typed and what can be undone', async () => {
    const open = await openStore({ ...deps, newerProgram: () => NEW });
    typeLine(open, 'sites blog');
    open.press('j', 'space', 'C');
    open.type('copy.example.test');
    open.press('esc', 'enter', 'tab');
    const before = open.store.getState();
    expect(currentPage(before)).toMatchObject({ kind: 'site', tab: 1 });
    open.press('U');
    await open.again();
    const after = open.store.getState();
    expect(after.pages.map(({ kind, name, tab, list }) => ({ kind, name, tab, list }))).toEqual(
      before.pages.map(({ kind, name, tab, list }) => ({ kind, name, tab, list })),
    );
    expect(after.pages[0]?.list.marks.size).toBe(1);
    expect(after.drafts).toEqual(before.drafts);
    expect(Object.keys(after.drafts)).toHaveLength(1);
    expect(existsSync(join(folder, 'place'))).toBe(false);
  });

  it('reopens by itself when nobody is at the keys', async () => {
    const { store } = await openStore({ ...deps, newerProgram: () => NEW, reopensAfterMs: 0 });
    await until(() => store.getState().exit?.reason === 'reopen');
  });

  it.each([
    ['a form is open', ['n'], 0],
    ['a filter is typed', ['/'], 0],
    ['the help is open', ['?'], 0],
    ['tasks run in it', [], 1],
  ])('does not while %s', async (_what, keys, running) => {
    let reopensNow = false;
    let looks = 0;
    const newerProgram = (): string | undefined => {
      looks += 1;
      return reopensNow ? NEW : undefined;
    };
    const { store, press } = await openStore({ ...deps, newerProgram, reopensAfterMs: 0, running: () => running });
    press(...keys);
    reopensNow = true;
    await until(() => store.getState().newer === NEW);
    const seen = looks;
    await until(() => looks > seen + 1);
    expect(store.getState().exit).toBeUndefined();
  });

  it('asks where tasks run in it, and lets them end', async () => {
    const { store, press } = await openStore({ ...deps, newerProgram: () => NEW, running: () => 2 });
    press('U');
    expect(currentDialog(store.getState())).toMatchObject({ title: 'Reopen while 2 tasks run here?' });
    press('down', 'enter');
    expect(store.getState().exit).toEqual({ reason: 'reopen', tasks: 'finish' });
  });
});
