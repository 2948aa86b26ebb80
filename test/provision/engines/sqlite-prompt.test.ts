import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTerminal } from '../../support/terminal.ts';

const program = 'src/provision/engines/common/sqlite-prompt.php';
const php = spawnSync('php', ['-r', 'exit(extension_loaded("pdo_sqlite") ? 0 : 1);']).status === 0;

describe.runIf(php)(`our own prompt on SQLite${php ? '' : ' (needs PHP)'}`, () => {
  let folder = '';
  let file = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'aegir-sqlite-'));
    file = join(folder, 'site.sqlite');
    execFileSync('php', [program, file], {
      input: "CREATE TABLE a (x, y);\nINSERT INTO a VALUES (1, 'one'), (2, NULL);",
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const run = (input: string) => spawnSync('php', [program, file], { input, encoding: 'utf8' });

  it('says rows with their names, also of a statement of several lines, and the tables', () => {
    expect(run('SELECT *\nFROM a;\n').stdout).toBe('x\ty\n1\tone\n2\tNULL\n');
    expect(run('.tables\n').stdout).toBe('name\na\n');
  });

  it('lets nothing in a row steer the terminal', () => {
    expect(run("SELECT 'a' || char(27) || '[2J' AS x").stdout).toBe('x\na [2J\n');
  });

  it('says what is wrong and goes on; as a filter it ends with 1', () => {
    const { status, stdout, stderr } = run('SELECT missing_one;\nSELECT 1 AS one;\n');
    expect({ status, stdout }).toEqual({ status: 1, stdout: 'one\n1\n' });
    expect(stderr).toContain('no such column: missing_one');
  });

  it('asks on a terminal, and .quit leaves', async () => {
    const terminal = startTerminal({ command: 'php', args: [program, file], cols: 140 });
    await terminal.waitFor('sqlite>');
    await terminal.type('SELECT 6 * 7 AS answer;\r');
    await terminal.waitFor(/^42/m);
    await terminal.type('.quit\r');
    expect((await terminal.exit).code).toBe(0);
  });
});
