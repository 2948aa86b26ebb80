import { describe, expect, it } from 'vitest';
import { listTasks } from '../../src/db/tasks.ts';
import { activeCommands, reasonAgainst } from '../../src/state/commands/registry.ts';
import { answerOf } from '../../src/state/forms/form.ts';
import { currentDialog, currentPage, type Finding, type ServiceHealth } from '../../src/state/model/state.ts';
import { currentFacts } from '../../src/state/pages/definition.ts';
import { shownList } from '../../src/state/pages/list.ts';
import { cellContext } from '../../src/state/pages/page-table.ts';
import { type OpenStore, openStore, until } from '../support/open-store.ts';

const services: ServiceHealth[] = [
  { kind: 'http', name: 'nginx', state: 'running' },
  { kind: 'php', name: 'php8.2', state: 'running' },
  { kind: 'db', name: 'mariadb', state: 'stopped' },
];
const found: Finding[] = [
  { state: 'good', title: 'Packages', message: '', hint: '' },
  { state: 'missing', title: 'Services run', message: 'not running: mariadb', hint: 'aegir setup starts them.' },
];

const rows = ({ store }: OpenStore): string[][] => {
  const list = shownList(store.getState());
  return (list?.rows ?? []).map(
    (row) => list?.table.cells(row, cellContext(store.getState())).map(({ text }) => text) ?? [],
  );
};

describe('the page of a server', () => {
  it('shows which service does not run, here and in the list of servers', async () => {
    const open = await openStore({ probeServices: async () => services });
    open.press('3');
    await until(() => open.store.getState().services.length > 0);
    expect(rows(open)[0]?.[1]).toBe('mariadb stopped');
    open.press('enter');
    expect(rows(open).map(([kind, state]) => `${kind} ${state}`)).toEqual([
      'db stopped',
      'http running',
      'php running',
    ]);
    open.press('/');
    open.type('state:stopped');
    expect(rows(open)).toHaveLength(1);
  });

  it('shows what is left of disk and processor', async () => {
    const machine = { disk: { freeBytes: 12e9, totalBytes: 500e9 }, load: [0.5, 0.25, 0.1], cpus: 4 };
    const open = await openStore({ probeMachine: async () => machine });
    open.press('3', 'enter');
    await until(() => open.store.getState().machine !== undefined);
    const facts = currentFacts(open.store.getState());
    expect(facts).toContainEqual(
      expect.arrayContaining([
        { name: 'disk', cell: { text: '12.0 GB of 500 GB free', tone: 'bad' } },
        { name: 'load', cell: { text: '0.50 0.25 0.10 (4 CPUs)', tone: 'plain' } },
      ]),
    );
  });

  it('looks as doctor does when the tab is opened and at ctrl-r, never before', async () => {
    let looked = 0;
    const findings = async (): Promise<Finding[]> => {
      looked += 1;
      return found;
    };
    const open = await openStore({ findings });
    open.press('3', 'enter');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(looked).toBe(0);
    open.press('tab');
    expect(shownList(open.store.getState())?.table.empty).toBe('Looking at this machine …');
    await until(() => rows(open).length > 0);
    expect(rows(open)[0]).toEqual(['Services run', 'missing', 'not running: mariadb', 'aegir setup starts them.']);
    open.press('ctrl-r');
    await until(() => looked === 2 && rows(open).length > 0);
  });

  it('lets the services test their configuration, and says what they say', async () => {
    const refused = { code: 'CONFIG_REFUSED', message: 'nginx refuses it: unknown directive', hint: 'See the file.' };
    const open = await openStore({
      testServices: async () => [
        { kind: 'http', driver: 'nginx', name: 'nginx', warnings: [], refused },
        { kind: 'php', driver: 'fpm', name: 'php8.4', warnings: ['PHP-FPM warns: old'], refused: null },
      ],
    });
    open.press('3', 't');
    await until(() => currentDialog(open.store.getState()) !== undefined);
    expect(currentDialog(open.store.getState())).toMatchObject({
      title: 'A service refuses its configuration',
      lines: [
        'nginx: nginx refuses it: unknown directive. See the file.',
        'php8.4: takes it, and warns:',
        '  PHP-FPM warns: old',
      ],
    });
  });

  it('restarts the service under the cursor as a task, after a question', async () => {
    const open = await openStore({ probeServices: async () => services });
    open.press('3', 'enter', 'j', 'r');
    const form = currentDialog(open.store.getState());
    expect(form?.kind === 'form' && answerOf(form.form, 'service')).toBe('http');
    open.press('enter');
    expect(currentDialog(open.store.getState())).toMatchObject({ kind: 'confirm', selected: 0 });
    expect(listTasks(open.seeded.db, { type: 'server.restart', limit: 9 })).toEqual([]);
    open.press('right', 'enter');
    expect(listTasks(open.seeded.db, { type: 'server.restart', limit: 9 })).toMatchObject([
      { objectName: 'server_master', args: { service: 'http' } },
    ]);
  });

  it('lets setup mend on the terminal what it would, after a question, and looks again', async () => {
    let wrong = true;
    const given: string[] = [];
    const open = await openStore({
      findings: async () => (wrong ? found : found.slice(0, 1)),
      runSetup: async (as) => {
        given.push(as);
        wrong = false;
        return undefined;
      },
    });
    open.press('3', 'enter', 'tab');
    await until(() => rows(open).length > 0);
    const state = open.store.getState();
    const mend = activeCommands(state).find(({ id }) => id === 'mend');
    if (process.getuid?.() !== 0) {
      expect(mend && reasonAgainst(mend, state, open.store.facts)).toContain('it needs root');
      return;
    }
    open.press('enter');
    expect(currentDialog(open.store.getState())).toMatchObject({ title: 'Services run' });
    open.press('right', 'enter');
    expect(currentDialog(open.store.getState())).toMatchObject({ title: 'Let setup mend this server?', selected: 0 });
    open.press('right', 'enter');
    await until(() => given.length === 1 && rows(open).length === 1);
    expect(currentPage(open.store.getState()).kind).toBe('server');
    open.press('f');
    expect(open.store.getState().notice?.text).toContain('doctor finds nothing that setup would mend');
  });
});
