import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { runCommandLine } from '../../src/cli/program.ts';
import { listServers, saveServer } from '../../src/db/servers.ts';
import { findSite } from '../../src/db/sites.ts';
import { siteConfig } from '../../src/provision/engines/site-config.ts';
import { makeProgram } from '../../src/provision/program.ts';
import { standardParts } from '../../src/provision/standard.ts';
import { makeRegistry } from '../../src/state/commands/registry.ts';
import { currentPage } from '../../src/state/model/state.ts';
import { standardPages } from '../../src/state/pages/kinds/standard.ts';
import { shownList } from '../../src/state/pages/list.ts';
import { cellContext } from '../../src/state/pages/page-table.ts';
import { siteContextOf } from '../../src/worker/contexts.ts';
import { openStore } from '../support/open-store.ts';
import { openSmallRoot, type SmallRoot } from '../support/small-root.ts';
import { attentionPage } from './attention-page.ts';
import { pebble } from './cache-driver.ts';
import { siteGreet } from './greet-task.ts';

const URI = 'a.example.org';

const service = { kind: 'cache', driver: 'pebble', version: '1.0', settings: {} };

/** The program with a task type and a service driver more; nothing else knows of them. */
const program = makeProgram({
  ...standardParts,
  tasks: [...standardParts.tasks, siteGreet],
  drivers: [...standardParts.drivers, pebble],
});

let small: SmallRoot;

beforeEach(() => {
  small = openSmallRoot(program);
  small.site(URI);
});
afterEach(() => {
  vi.restoreAllMocks();
  small.remove();
});

/** What a command line says, and its exit code. */
async function aegir(...words: string[]): Promise<{ code: number; said: string }> {
  let said = '';
  const note = (text: unknown): boolean => {
    said += String(text);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(note as never);
  vi.spyOn(process.stderr, 'write').mockImplementation(note as never);
  const code = await runCommandLine(['--root', small.folder, ...words], '0', program);
  vi.restoreAllMocks();
  return { code, said };
}

it('a task type of one file is a command, with help, checks and a plan', async () => {
  expect((await aegir('site', 'greet', '--help')).said).toMatch(/Gives the site a title.*--whom <text>/s);
  const planned = await aegir('site', 'greet', URI, '--whom', 'world', '--dry-run');
  expect(planned).toMatchObject({ code: 0 });
  expect(await aegir('site', 'greet', URI, '--whom', 'world', '--wait')).toMatchObject({ code: 0 });
  expect(findSite(small.db, URI)?.title).toBe('Hello world');
  const again = await aegir('site', 'greet', URI, '--whom', 'all');
  expect(again.code).toBe(3);
  expect(again.said).toContain('SITE_GREETED');
  expect((await aegir('task', 'log', '2')).said).toContain('hello world');
});

it('a service driver of one file is listed, tested, restarted and written for each site', async () => {
  const [server] = listServers(small.db);
  if (!server) throw new Error('there is no server');
  saveServer(small.db, { ...server, services: [service] });
  expect((await aegir('server', 'show', 'server_master')).said).toMatch(/cache +pebble.* running/);
  expect((await aegir('server', 'restart', '--service', 'cache', '--yes', '--wait')).code).toBe(0);
  // What is not there is refused before anything is queued.
  const wrong = await aegir('server', 'restart', '--service', 'mail', '--yes');
  expect(wrong.code).not.toBe(0);
  expect(wrong.said).toContain('SERVICE_MISSING server_master has no mail service. It has: cache.');
  expect((await aegir('server', 'test', 'server_master')).said).toContain('it holds nothing yet');
  const site = siteContextOf(small.db, small.folder, URI);
  expect(siteConfig(program, site).map(({ path }) => path)).toEqual([
    `${small.folder}/config/pebble/${site.handle}.conf`,
  ]);
});

it('the console begins the task by its key and its name, shows the service, and opens a page of one file', async () => {
  const registry = makeRegistry([...standardPages, attentionPage]);
  const open = await openStore({ loadProgram: async () => program, registry }, 6);
  open.press('alt-g');
  expect(open.store.getState().dialogs.at(-1)).toMatchObject({ kind: 'form', form: { definition: siteGreet } });
  open.press('esc', ':');
  open.store.paste('site-greet');
  open.press('enter');
  expect(open.store.getState().dialogs.at(-1)).toMatchObject({ kind: 'form', form: { definition: siteGreet } });
  open.press('esc');
  const [server] = listServers(open.seeded.db);
  if (server) saveServer(open.seeded.db, { ...server, services: [...server.services, service] });
  open.press('ctrl-r', '3', 'enter');
  const state = open.store.getState();
  const list = shownList(state);
  expect(list?.rows.map((row) => list.table.cells(row, cellContext(state))[0]?.text)).toContain('cache');
  open.press('7');
  expect(currentPage(open.store.getState()).kind).toBe('attention');
});
