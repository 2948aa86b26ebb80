import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { consoleProgram, endWithTest, openConsole } from '../support/open-console.ts';
import { seedInventory } from '../support/seed-inventory.ts';
import { startTerminal, type Terminal } from '../support/terminal.ts';

/** What a terminal sends for a paste once it was asked to mark them (xterm's bracketed paste). */
const marked = (text: string): string => `\u001b[200~${text}\u001b[201~`;

/** Each time pastes began or ceased to be marked, and what was written from then on. */
const switches = (terminal: Terminal): string[] =>
  [...terminal.raw().matchAll(/\u001b\[\?2004([hl])/g)].map(([, way = '']) => way);

/** Until what comes is not part of the same paste. */
const apart = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 150));

const evil = 'd\r\u001b[Cyes\ra v\rdelete blog.example.test\r\n:site-delete shop.example.test\r';

describe.each([
  ['that the terminal marks', marked, {}],
  ['that the Linux console does not mark', (text: string) => text, { TERM: 'linux' }],
  ['that GNU screen does not mark', (text: string) => text, { TERM: 'screen', STY: '1.pts-0.host' }],
])('a paste %s', (_how, sent, env) => {
  it('runs nothing in a list', async () => {
    const { terminal, seeded } = await openConsole({ env });
    const count = (): unknown => seeded.db.prepare('SELECT count(*) FROM task').pluck().get();
    const before = count();
    await terminal.type(sent('delete the old one\rv\rd\rdd\r'));
    await terminal.waitFor('Pasted: nothing was done');
    expect(terminal.text()).toMatch(/^▸ {2}blog\.example\.test/m);
    expect(terminal.text()).not.toMatch(/Delete site/);
    expect(count()).toBe(before);
    await apart();
    await terminal.press('j');
    await terminal.waitFor(/^▸ {2}forum\.example\.test/m);
  });

  it('is one text in a filter and in a line, with its line ends as blanks', async () => {
    const { terminal } = await openConsole({ env });
    await terminal.press('/');
    await terminal.type(sent('shop\rdd'));
    await terminal.waitFor(/\/shop dd/);
    await apart();
    await terminal.press('esc', ':');
    await terminal.type(sent('sites\nplatforms'));
    await terminal.waitFor(/^ :sites platforms/m);
    expect(terminal.text()).toMatch(/^ Sites 6/m);
  });

  it('is one answer of a form', async () => {
    const { terminal } = await openConsole({ env });
    await terminal.press('n');
    await terminal.waitFor('Install site');
    await terminal.type(sent('new.example.org\nand more lines of it'));
    await terminal.waitFor(/URI +new\.example\.org and more lines of it/);
    await terminal.waitFor('is not a host name');
  });
});

it('a marked paste runs nothing whatever is in it, where a question is asked too', async () => {
  const { terminal, seeded } = await openConsole();
  await terminal.type(marked(evil));
  await terminal.waitFor('Pasted: nothing was done');
  await terminal.press('5', 'd');
  await terminal.waitFor('No, keep');
  await terminal.type(marked(evil));
  expect(terminal.text()).toContain('▸ No, keep');
  expect(seeded.db.prepare("SELECT count(*) FROM task WHERE type LIKE '%delete%'").pluck().get()).toBe(0);
});

describe('pastes are marked', () => {
  it.each([
    ['q', (terminal: Terminal) => terminal.press('q')],
    ['a fault', async () => {}],
    ['SIGTERM', async (terminal: Terminal) => terminal.kill('SIGTERM')],
    ['SIGHUP', async (terminal: Terminal) => terminal.kill('SIGHUP')],
    ['SIGINT', async (terminal: Terminal) => terminal.kill('SIGINT')],
  ])('until the console is left: by %s', async (how, leave) => {
    const { terminal } = await openConsole({ env: how === 'a fault' ? { AEGIR_TEST_THROW: '1500' } : {} });
    expect(switches(terminal)).toEqual(['h']);
    await leave(terminal);
    await terminal.exit;
    // What it wrote last is read a moment later.
    await expect.poll(() => switches(terminal).at(-1)).toBe('l');
  });

  it('but not while the terminal is somebody else’s', async () => {
    const { terminal } = await openConsole();
    await terminal.press('x');
    await terminal.waitFor('Press enter');
    expect(switches(terminal)).toEqual(['h', 'l']);
    await terminal.press('enter');
    await terminal.waitFor('v verify');
    expect(switches(terminal)).toEqual(['h', 'l', 'h']);
  });

  it('nor while the console is stopped', async () => {
    const root = mkdtempSync(join(tmpdir(), 'aegir-console-'));
    const seeded = seedInventory(root);
    // A shell that marks pastes itself would write the same.
    const inputrc = join(root, 'inputrc');
    writeFileSync(inputrc, 'set enable-bracketed-paste off\n');
    const env = { AEGIR_ROOT: root, PS1: 'shell> ', INPUTRC: inputrc };
    const terminal = startTerminal({ command: '/bin/bash', args: ['--norc', '--noprofile', '-i'], env });
    endWithTest({ terminal, seeded, root });
    await terminal.waitFor('shell>');
    await terminal.type(`${process.execPath} ${consoleProgram()}\r`);
    await terminal.waitFor('v verify');
    await terminal.press('ctrl-z');
    await terminal.waitFor('Stopped');
    expect(switches(terminal)).toEqual(['h', 'l']);
    await terminal.type('fg\r');
    await terminal.waitFor('v verify');
    expect(switches(terminal)).toEqual(['h', 'l', 'h']);
    const [pid = ''] = execFileSync('ps', ['-o', 'pid=', '--ppid', String(terminal.pid)], { encoding: 'utf8' })
      .trim()
      .split('\n');
    process.kill(Number(pid), 'SIGTSTP');
    await expect.poll(() => switches(terminal)).toEqual(['h', 'l', 'h', 'l']);
  });
});
