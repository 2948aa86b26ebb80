import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { saveSchedule } from '../../src/db/schedules.ts';
import { findSite, renameSite, updateSite } from '../../src/db/sites.ts';
import { endTask, insertTask } from '../../src/db/task-changes.ts';
import { answerOf } from '../../src/state/forms/form.ts';
import { currentDialog, currentPage } from '../../src/state/model/state.ts';
import { currentFacts } from '../../src/state/pages/definition.ts';
import { shownList } from '../../src/state/pages/list.ts';
import { cellContext } from '../../src/state/pages/page-table.ts';
import type { TaskPlan } from '../../src/worker/plan-task.ts';
import { type OpenStore, openStore, until } from '../support/open-store.ts';

const URI = 'shop.example.test';

const rows = ({ store }: OpenStore): string[][] => {
  const state = store.getState();
  const list = shownList(state);
  return (list?.rows ?? []).map((row) => list?.table.cells(row, cellContext(state)).map(({ text }) => text) ?? []);
};

function goTo({ press, type }: OpenStore, ...keys: string[]): void {
  press(':');
  type(`site ${URI}`);
  press('enter', ...keys);
}

/** A server whose PHP is as its driver has it, so that the files of a site are known. */
async function openSite(deps: Parameters<typeof openStore>[0] = {}): Promise<OpenStore> {
  const open = await openStore(deps, 6);
  const php = { binary: '', conf: '', pidFile: '', unit: '', commandLine: '', branch: '8.2' };
  const db = { binary: '', conf: '', socket: '/run/x.sock', pidFile: '', unit: '' };
  const save = open.seeded.db.prepare('UPDATE service SET settings = ? WHERE kind = ?');
  save.run(JSON.stringify(php), 'php');
  save.run(JSON.stringify(db), 'db');
  open.press('ctrl-r');
  return open;
}

describe('the page of a site', () => {
  it('says that a database is a file where it is one', async () => {
    const open = await openSite();
    open.seeded.db.exec("UPDATE release SET database_driver = 'sqlite'");
    goTo(open);
    await until(() =>
      JSON.stringify(currentFacts(open.store.getState())).includes('"database","cell":{"text":"a file"}'),
    );
  });

  it('says above its tabs how cron and backups are', async () => {
    const open = await openSite();
    const { db } = open.seeded;
    saveSchedule(db, findSite(db, URI)?.id ?? 0, 'site.backup', { minutes: 1440 });
    db.prepare('UPDATE schedule SET due_at = ?').run(new Date(Date.now() + 5.5 * 3_600_000).toISOString());
    db.prepare('UPDATE backup SET created_at = ?').run(new Date(Date.now() - 2.5 * 3_600_000).toISOString());
    const cron = { type: 'site.cron', objectKind: 'site' as const, objectName: URI };
    const id = insertTask(db, { ...cron, args: {}, secrets: {}, timeLimitS: 1 });
    endTask(db, id, { state: 'failed', error: { code: 'X', message: 'x', hint: '' } });
    goTo(open);
    const facts = currentFacts(open.store.getState());
    expect(facts[3]).toEqual([
      { name: 'cron', cell: { text: 'every 15 min, failed now', tone: 'warn' } },
      { name: 'backups', cell: { text: '2, newest 2h ago, next in 5h' } },
    ]);
    expect(JSON.stringify(facts[1])).toContain('database');
  });

  it('lists all that is set for it, and shows a value that is cut whole', async () => {
    const open = await openSite();
    const { db } = open.seeded;
    updateSite(db, URI, { web: { noindex: true, auth: { user: 'guest', hash: 'secret-hash' }, mail: 'off' } });
    goTo(open, 'shift-tab');
    const settings = Object.fromEntries(rows(open).map(([name = '', value = '']) => [name, value]));
    expect(settings).toMatchObject({
      visitors: 'only guest, by password',
      'search engines': 'are told to leave it out',
      redirect: 'none',
      mail: 'stays in a file of the site',
      'goes back to': 'nothing is kept',
    });
    expect(settings.cron).toMatch(/^every 15 min, next 20/);
    expect(JSON.stringify(settings)).not.toContain('secret-hash');
    open.press('/');
    open.type('setting:administrator');
    open.press('enter', 'enter');
    expect(currentDialog(open.store.getState())).toMatchObject({ lines: ['admin-user <a@example.test>'] });
  });

  it('opens the files that are written for it from their first line, cleaned, and none with keys', async () => {
    const open = await openSite();
    goTo(open, 'shift-tab');
    const files = rows(open).filter(([, value]) => value?.startsWith('/'));
    expect(files.map(([what]) => what)).toEqual(['vhost', 'own vhost', 'pool', 'own pool', 'settings', 'own settings']);
    expect(JSON.stringify(files)).not.toMatch(/salt|passwords/);
    const [, vhost = ''] = files[0] ?? [];
    mkdirSync(dirname(vhost), { recursive: true });
    const lines = Array.from({ length: 100 }, (_, line) => `line ${line}`);
    writeFileSync(vhost, `server_name \u001b[31m${URI};\n${lines.join('\n')}\n`);
    open.press('g', 'enter');
    expect(currentPage(open.store.getState())).toMatchObject({ kind: 'file', name: `${URI} ${vhost}` });
    const { log } = open.store.getState().data;
    expect(log.lines[0]?.text).toContain('server_name');
    expect(log.lines[0]?.text).not.toContain('\u001b');
    open.press('j');
    expect(open.store.getState().data.log.lines[0]?.text).toContain('server_name');
    open.press('esc');
    expect(currentPage(open.store.getState()).kind).toBe('site');
  });

  it('shows what verify would change, and queues nothing', async () => {
    const diff = ['-old', '+new'];
    const act = { verb: 'file.write' as const, args: {}, text: 'write /etc/x', diff, step: 'Write the settings' };
    const asked = { verb: 'user.run' as const, args: {}, text: 'run php', diff: [], step: 'Ask the CMS for its state' };
    const plan: TaskPlan = { problem: undefined, first: [], acts: [act, asked], notNeeded: [], log: [] };
    const open = await openSite({ planTask: async () => plan });
    const tasks = (): unknown => open.seeded.db.prepare('SELECT count(*) FROM task').pluck().get();
    const before = tasks();
    goTo(open, 'V');
    await until(() => currentDialog(open.store.getState())?.kind === 'plan');
    const dialog = currentDialog(open.store.getState());
    if (dialog?.kind !== 'plan') throw new Error('no plan is shown');
    expect(dialog.lines.map(({ text }) => text)).toEqual([
      'Write the settings',
      '  write /etc/x',
      '    -old',
      '    +new',
    ]);
    open.press('enter');
    expect(currentDialog(open.store.getState())).toBeUndefined();
    expect(tasks()).toBe(before);
  });

  it('lists its names with where they lead; + and - open the form of aliases', async () => {
    const open = await openSite();
    const { db } = open.seeded;
    renameSite(db, URI, { uri: URI, aliases: ['old.example.org', 'www.example.org'] });
    updateSite(db, URI, { web: { redirect: 'www.example.org', redirected: ['old.example.org'] } });
    goTo(open, 'tab', 'tab', 'tab');
    expect(rows(open)).toEqual([
      [URI, 'URI', 'see the site'],
      ['old.example.org', 'alias', 'are led to www.example.org'],
      ['www.example.org', 'alias', 'see the site'],
    ]);
    open.press('-');
    expect(open.store.getState().notice?.text).toContain('the URI stays');
    open.press('j', '-');
    const dialog = currentDialog(open.store.getState());
    if (dialog?.kind !== 'form') throw new Error('no form is open');
    expect(answerOf(dialog.form, 'remove')).toBe('old.example.org');
    open.press('esc', '+');
    expect(currentDialog(open.store.getState())).toMatchObject({ kind: 'form', form: { current: 'add' } });
    const again = currentDialog(open.store.getState());
    // What was to be removed before is not what is added to now.
    expect(again?.kind === 'form' && answerOf(again.form, 'remove')).toBe('');
  });
});
