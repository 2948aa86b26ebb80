import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findSite } from '../../src/db/sites.ts';
import { siteLogFolder } from '../../src/provision/model/paths.ts';
import { HOSTILE_NUMBER, hostileLines, withoutOwnSequences } from '../support/hostile-lines.ts';
import { type Open, openConsole } from '../support/open-console.ts';
import { type Seeded, writeLog } from '../support/seed-inventory.ts';
import type { Terminal } from '../support/terminal.ts';

interface Opened {
  terminal: Terminal;
  seeded: Seeded;
}

/** Opens the console on the page of the running task. */
async function openTaskLog(options: Open = {}): Promise<Opened> {
  const opened = await openConsole(options);
  await runLine(opened.terminal, `log ${opened.seeded.running}`);
  await opened.terminal.waitFor('verify new.example.test');
  return opened;
}

/** Asks to save the log into a file. */
async function saveTo(terminal: Terminal, file: string): Promise<void> {
  await terminal.press('ctrl-s');
  await terminal.waitFor('Save to: /');
  await terminal.press('ctrl-u');
  await terminal.waitFor(/Save to: *$/m);
  await terminal.type(file);
  await terminal.waitFor(file.slice(-20));
  await terminal.press('enter');
}

async function runLine(terminal: Terminal, line: string): Promise<void> {
  await terminal.press(':');
  await terminal.type(line);
  await terminal.press('enter');
}

const blog = 'blog.example.test';

/** The file of a service's log of a site; its folder is there. */
function siteLog({ db, paths }: Seeded, file: string): string {
  const folder = siteLogFolder(paths, findSite(db, blog)?.handle ?? '');
  mkdirSync(folder, { recursive: true });
  return join(folder, file);
}

/** Opens the console on the page of a site's log. */
async function openSiteLog(
  file: string,
  text: string | Buffer,
  options: Open = {},
): Promise<Opened & { path: string }> {
  const opened = await openConsole(options);
  const path = siteLog(opened.seeded, file);
  writeFileSync(path, text);
  await runLine(opened.terminal, `site ${blog}`);
  await opened.terminal.press('tab', 'tab', 'tab', 'tab');
  await opened.terminal.waitFor(file);
  await opened.terminal.press('enter');
  await opened.terminal.waitFor(`${blog} › ${file}`);
  return { ...opened, path };
}

describe('a task’s log', () => {
  it('follows; scrolling up stops that and counts what is new; G follows again', async () => {
    const { terminal, seeded } = await openTaskLog();
    await terminal.waitFor('line 59 of the installer');
    await terminal.waitFor('60 lines, following');
    writeLog(seeded.paths, seeded.running, ['one more']);
    await terminal.waitFor('one more');
    await terminal.press('k');
    await terminal.waitFor('paused at 60');
    writeLog(seeded.paths, seeded.running, ['two more', 'an error', 'the end']);
    await terminal.waitFor('paused at 60, +3 new');
    expect(terminal.text()).not.toContain('the end');
    await terminal.press('e');
    await terminal.waitFor('▸✗ an error');
    await terminal.press('G');
    await terminal.waitFor('the end');
    await terminal.waitFor('following');
    await terminal.press('f');
    await terminal.waitFor('paused');
    await terminal.press('f');
    await terminal.waitFor('following');
  });

  it('is searched both ways from where one is', async () => {
    const { terminal } = await openTaskLog();
    await terminal.press('/');
    await terminal.type('line 1');
    await terminal.press('enter');
    await terminal.waitFor('▸  line 19 of the installer');
    await terminal.press('N');
    await terminal.waitFor('▸  line 18 of the installer');
    await terminal.press('n', 'n');
    await terminal.waitFor('No more lines with "line 1"');
    await terminal.press('esc', '/');
    await terminal.type('LINE 2');
    await terminal.press('enter');
    await terminal.waitFor('No more lines with "LINE 2"');
  });

  it('shows warnings and errors alone, and all lines again round the one that was chosen', async () => {
    const lines = Array.from({ length: 500 }, (_, line) => (line % 100 === 50 ? `error ${line}` : `line ${line}`));
    const { terminal } = await openTaskLog({ logLines: lines });
    await terminal.press('z', 's');
    await terminal.waitFor('warnings and errors: 5 of 500 lines, following');
    await terminal.press('s');
    const screen = await terminal.waitFor(/Log errors: 5 of 500 lines/);
    expect(screen.match(/error \d+/g)).toEqual(['error 50', 'error 150', 'error 250', 'error 350', 'error 450']);
    await terminal.press('k', 'k');
    await terminal.waitFor('▸✗ error 250');
    await terminal.press('s');
    await terminal.waitFor('500 lines, paused at 251');
    expect(terminal.text()).toContain('line 251');
  });

  it('marks lines and goes from one to the next', async () => {
    const { terminal } = await openTaskLog();
    await terminal.press('g', 'm', 'j', 'j', 'm', 'j');
    await terminal.waitFor('2 marked');
    expect(terminal.text()).toMatch(/^ \* line 0 of/m);
    await terminal.waitFor(/^▸ {2}line 3 of/m);
    await terminal.press('M');
    await terminal.waitFor('▸* line 0 of');
    await terminal.press('M', 'm');
    await terminal.waitFor(/▸ {2}line 2 of/);
  });

  it('sends a line to the clipboard of the terminal', async () => {
    const { terminal } = await openTaskLog({ logLines: ['the line é'] });
    await terminal.press('y');
    await terminal.waitFor('Sent to the clipboard of your terminal: 10 characters');
    const sent = /\u001b\]52;c;([\w+/=]+)\u0007/.exec(terminal.raw())?.[1] ?? '';
    expect(Buffer.from(sent, 'base64').toString()).toBe('the line é');
  });

  it('shows a long line whole, wrapped in the list or on a page of its own', async () => {
    const long = `begin ${'word '.repeat(62)}end`;
    const { terminal } = await openTaskLog({ logLines: ['short', long, 'last'] });
    await terminal.waitFor('begin word');
    expect(terminal.text()).not.toContain('end');
    await terminal.press('w');
    await terminal.waitFor('end');
    await terminal.press('w', 'k', 'enter');
    await terminal.waitFor('The whole line');
    expect(terminal.text()).toContain('word end');
    await terminal.press('right', 'enter');
    await terminal.waitFor(`${long.length} characters`);
  });

  it('is saved into a new file, never over one that is there', async () => {
    const { terminal, seeded } = await openTaskLog();
    const file = join(seeded.paths.root, 'saved.log');
    writeFileSync(file, 'mine');
    await terminal.press('ctrl-s');
    await terminal.waitFor(`task-${seeded.running}.log`);
    await terminal.press('esc');
    await terminal.waitFor('f follow');
    await saveTo(terminal, file);
    await terminal.waitFor('is there already');
    expect(readFileSync(file, 'utf8')).toBe('mine');
    await terminal.type('2');
    await terminal.press('enter');
    await terminal.waitFor('Saved 60 lines');
    const lines = readFileSync(`${file}2`, 'utf8').split('\n');
    expect(lines[59]).toBe('2026-11-23T10:00:00.000Z info line 59 of the installer');
    await saveTo(terminal, '/nowhere/x');
    await terminal.waitFor('there is no folder /nowhere');
    await terminal.press('esc');
    expect(existsSync('/nowhere')).toBe(false);
  });

  it('takes keys of control that arrive together', async () => {
    const { terminal } = await openTaskLog();
    await terminal.type('\u0013\u0015');
    await terminal.waitFor(/Save to: *$/m);
  });

  it.runIf(process.getuid?.() === 0)(
    'is not saved where others could turn the file elsewhere (needs root)',
    async () => {
      const { terminal, seeded } = await openTaskLog();
      const folder = join(seeded.paths.root, 'open');
      mkdirSync(folder);
      const { chmodSync } = await import('node:fs');
      chmodSync(folder, 0o777);
      await saveTo(terminal, join(folder, 'x.log'));
      await terminal.waitFor('can be changed by others');
      expect(existsSync(join(folder, 'x.log'))).toBe(false);
    },
  );
});

describe('a site’s log', () => {
  it('is followed through growth, rotation and being emptied', async () => {
    const { terminal, path } = await openSiteLog('error.log', '2026/11/23 10:00:00 [error] 1#1: first\n');
    await terminal.waitFor('✗ 11-23 10:00:00  first');
    appendFileSync(path, '2026/11/23 10:00:01 [warn] 1#1: second\n');
    await terminal.waitFor('! 11-23 10:00:01  second');
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, '2026/11/23 10:00:02 [error] 1#1: still in the old file\n');
    await terminal.waitFor('still in the old file');
    writeFileSync(path, '2026/11/23 10:00:03 [error] 1#1: in the new file\n');
    await terminal.waitFor('in the new file');
    expect(terminal.text()).toMatch(/first\n.*second\n.*still in the old file\n.*rotated.*\n.*in the new file/);
    truncateSync(path, 0);
    await terminal.waitFor('The log was emptied.');
    appendFileSync(path, 'after\n');
    await terminal.waitFor('after');
    expect(terminal.text()).not.toContain('first');
    await terminal.press('t');
    await terminal.press('esc');
    await terminal.waitFor(/error\.log +\d+ B/);
  });

  it('opens at its end however long it is, and is whole soon after', async () => {
    const line = '1.2.3.4 - - [2026-11-23T10:00:00+00:00] "GET / HTTP/1.1" 200 1 "-" "x" h 0\n';
    const { terminal } = await openSiteLog('access.log', `the oldest\n${line.repeat(500_000)}the newest\n`);
    await terminal.waitFor('the newest');
    await terminal.waitFor('500,002 lines, following');
    await terminal.press('g');
    await terminal.waitFor('the oldest');
    await terminal.press('s');
    await terminal.waitFor('warnings and errors: 0 of 500,002 lines');
    await terminal.waitFor('No line is of this level');
  });

  it('of a site that has none says so', async () => {
    const { terminal } = await openConsole();
    await runLine(terminal, `site ${blog}`);
    await terminal.press('tab', 'tab', 'tab', 'tab');
    await terminal.waitFor('No logs: nobody has asked');
  });
});

/**
 * Each row of the log begins as one does: none was written over, none runs on in the next. Waits for a frame that is
 * still on its way; what is damaged stays so, as only what changes is drawn.
 */
async function expectWholeLines(terminal: Terminal): Promise<void> {
  const damaged = (): string[] => {
    const lines = terminal.lines();
    const title = lines.findIndex((line) => line.startsWith('── Log'));
    const rule = lines.findIndex((line, row) => row > title && line.startsWith('──'));
    if (title < 0 || rule - title < 5) return lines;
    return lines.slice(title + 1, rule).filter((line) => !/^([▸ ][ *!✗]( |$)|$)/.test(line));
  };
  await expect.poll(damaged, { timeout: 5000 }).toEqual([]);
}

describe('hostile lines', () => {
  /** Looks at every line in every way; nothing of them may reach the terminal as anything but text. */
  async function lookAround({ terminal, seeded }: Opened, before: number): Promise<void> {
    const saved = join(seeded.paths.root, 'saved.log');
    await terminal.press('g', 'w', 't', 't', 'pgdn', 'pgdn', 'pgdn', 'w', 'G', 's', 's', 's', 'g', 'enter');
    await terminal.waitFor('The whole line');
    await terminal.press('esc');
    await terminal.waitFor('── Log');
    for (let page = 0; page < 10; page += 1) {
      await terminal.press('pgdn');
      await expectWholeLines(terminal);
    }
    await saveTo(terminal, saved);
    await terminal.waitFor('Saved');
    await terminal.resize(60, 15);
    await terminal.resize(200, 50);
    await terminal.resize(80, 24);
    await terminal.settle(200);
    const sent = terminal.raw().slice(before);
    expect(withoutOwnSequences(sent)).not.toMatch(
      /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/,
    );
    expect(sent).not.toContain('\u001b[2J');
    expect(sent).not.toMatch(new RegExp(`\u001b\\[[?;\\d]*${HOSTILE_NUMBER}`));
    expect(readFileSync(saved, 'utf8')).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    // A frame may still be on its way; what is damaged stays so.
    await expect.poll(() => terminal.lines()[0]).toMatch(/^ aegir .*queue/);
    await expect.poll(() => terminal.lines().at(-1)).toMatch(/\? help$/);
    await expectWholeLines(terminal);
  }

  it('of a task move no cursor, set no title and write nowhere but on their line', async () => {
    const opened = await openConsole({ logLines: hostileLines.map((bytes) => bytes.toString('utf8')) });
    const before = opened.terminal.raw().length;
    await runLine(opened.terminal, `log ${opened.seeded.running}`);
    await opened.terminal.press('z');
    await opened.terminal.waitFor(`${hostileLines.length} lines`);
    await lookAround(opened, before);
  });

  it('of a task whose log somebody else wrote do no more', async () => {
    const opened = await openConsole();
    const before = opened.terminal.raw().length;
    const { taskLogFiles } = await import('../../src/worker/task-log.ts');
    const files = taskLogFiles(opened.seeded.paths.taskLogs, opened.seeded.failed);
    let offset = 0n;
    const offsets = hostileLines.map((bytes) => {
      const begin = offset;
      offset += BigInt(bytes.length + 1);
      return begin;
    });
    writeFileSync(files.lines, Buffer.concat(hostileLines.flatMap((bytes) => [bytes, Buffer.from('\n')])));
    writeFileSync(files.index, Buffer.from(BigUint64Array.from(offsets).buffer));
    await runLine(opened.terminal, `log ${opened.seeded.failed}`);
    await opened.terminal.press('z');
    await opened.terminal.waitFor(`${hostileLines.length} lines`);
    await lookAround(opened, before);
  });

  it('that are wider in the terminal than they are counted push nothing down', async () => {
    // This mark takes no cell in newer tables, and one in those of many terminals.
    const { terminal } = await openTaskLog({ logLines: ['before', `a${'\u0616'.repeat(300)}`, 'after'] });
    await terminal.press('z');
    await terminal.waitFor('after');
    await expectWholeLines(terminal);
    expect(terminal.raw()).toContain('\u001b[?7l');
    expect(terminal.raw().endsWith('\u001b[?7h')).toBe(true);
  });

  it.each(['error.log', 'access.log'])('of a site’s %s do no more', async (file) => {
    const text = Buffer.concat(hostileLines.flatMap((bytes) => [bytes, Buffer.from('\n')]));
    const opened = await openSiteLog(file, text);
    await opened.terminal.waitFor(`${hostileLines.length} lines`);
    // From the first byte on: what the console itself sends is known.
    await lookAround(opened, 0);
  });
});
