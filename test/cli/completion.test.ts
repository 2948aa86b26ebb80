import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { completionScripts } from '../../src/setup/completion-scripts.ts';
import { program } from '../support/program.ts';
import { runWordsHere } from '../support/run-words.ts';
import { type Seeded, seedInventory } from '../support/seed-inventory.ts';
import { startTerminal, type Terminal } from '../support/terminal.ts';

let folder = '';
let seeded: Seeded;
let env: Record<string, string> = {};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aegir-completion-'));
  seeded = seedInventory(join(folder, 'root'));
  writeFileSync(join(folder, 'aegir'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  chmodSync(join(folder, 'aegir'), 0o755);
  const root = join(folder, 'root');
  // Without a folder for what runs, fish makes one in /tmp and leaves it.
  const home = { HOME: folder, XDG_RUNTIME_DIR: folder };
  env = { AEGIR_ROOT: root, PATH: `${folder}:${process.env.PATH}`, PS1: 'shell> ', ...home };
  vi.stubEnv('AEGIR_ROOT', env.AEGIR_ROOT);
});

afterAll(() => {
  vi.unstubAllEnvs();
  seeded.db.close();
  rmSync(folder, { recursive: true, force: true });
});

async function complete(...words: string[]): Promise<string[]> {
  const { stdout } = await runWordsHere('complete', '--', ...words);
  return stdout.split('\n').filter(Boolean);
}
const wordsFor = async (...words: string[]): Promise<string[]> =>
  (await complete(...words)).map((line) => line.split('\t')[0] ?? '');

describe('what can be typed is known to the program', () => {
  it('commands with what they do, and no command that is not for people', async () => {
    expect(await complete('ta')).toEqual([
      'task\tTasks: the queue and its history.',
      'tasks\tList the newest tasks; with --watch, keep the list up to date.',
    ]);
    expect(await wordsFor('comp')).toEqual(['completion']);
    expect(await wordsFor('site', 're')).toEqual(['restore', 'rename', 'redirect']);
  });

  it('names of what is there, for the object that a command takes', async () => {
    expect(await wordsFor('site', 'verify', 's')).toEqual(['shop.example.test']);
    expect(await wordsFor('--json', 'platform', 'show', '')).toEqual(['drupal-10.5', 'spip-4.4', 'wp-6.8']);
    expect(await wordsFor('task', 'log', '')).toEqual([String(seeded.running), String(seeded.failed)]);
    expect(await wordsFor('platform', 'migrate', 'wp-6.8', 'dr')).toEqual(['drupal-10.5']);
    expect(await wordsFor('site', 'edit', 'blog.example.test', '')).toEqual(['vhost', 'pool', 'settings']);
  });

  it('options and their values', async () => {
    expect(await wordsFor('site', 'install', 'new.example.test', '--pl')).toEqual(['--platform']);
    expect(await wordsFor('site', 'install', 'new.example.test', '--platform', 'w')).toEqual(['wp-6.8']);
    expect(await wordsFor('site', 'disable', 'shop.example.test', '--status', '')).toEqual(['404', '503']);
    expect(await wordsFor('site', 'delete', 'shop.example.test', '--confirm', 's')).toEqual(['shop.example.test']);
    expect(await wordsFor('--theme', '')).toEqual(['auto', 'dark', 'light', 'mono']);
    expect(await wordsFor('--th')).toEqual(['--theme']);
  });

  it('nothing where only the person can know, and where there is no inventory', async () => {
    expect(await wordsFor('site', 'install', 'sh')).toEqual([]);
    expect(await wordsFor('site', 'exec', 'shop.example.test', '--', 'w')).toEqual([]);
    expect(await wordsFor('--root', '/nowhere', 'site', 'verify', '')).toEqual([]);
  });

  it('refuses a shell that it does not know', async () => {
    const { status, stderr } = await runWordsHere('completion', 'csh');
    expect(status).toBe(2);
    expect(stderr).toContain('bash, zsh, fish');
  });
});

const installed = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;

/** A script where the shell finds it by itself, as setup lays it down for all users. */
function layDown(shell: 'zsh' | 'fish', folderName: string, file: string): string {
  const place = join(folder, folderName);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, file), completionScripts[shell]);
  return place;
}

const bash = { shell: 'bash', args: ['--norc', '--noprofile', '-i'], prompt: 'shell>' };
const zsh = { shell: 'zsh', args: ['-f', '-i'], prompt: /[#%>] $|shell>/m };
const fish = { shell: 'fish', args: ['--no-config', '-i'], prompt: /[#>]/ };
const ways = [
  { ...bash, way: 'sourced', begin: () => 'source <(aegir completion bash)' },
  { ...zsh, way: 'sourced', begin: () => 'autoload -U compinit; compinit -u; source <(aegir completion zsh)' },
  {
    ...zsh,
    way: 'as a file of its fpath',
    begin: () => `fpath=(${layDown('zsh', 'functions', '_aegir')} $fpath); autoload -U compinit; compinit -u`,
  },
  { ...fish, way: 'sourced', begin: () => 'aegir completion fish | source' },
  {
    ...fish,
    way: 'as a file of its completions',
    begin: () => `set -g fish_complete_path ${layDown('fish', 'completions', 'aegir.fish')} $fish_complete_path`,
  },
].map((known) => ({ ...known, there: installed(known.shell), needs: `(needs ${known.shell})` }));

describe.each(ways)('$shell, $way', ({ shell, args, begin, prompt, there, needs }) => {
  it.runIf(there)(`completes commands and names by tab, each time ${needs}`, async () => {
    const terminal: Terminal = startTerminal({ command: shell, args, env, cols: 120 });
    try {
      await terminal.waitFor(prompt);
      await terminal.type(`${begin()}; echo read''y\r`);
      await terminal.waitFor(/^ready/m);
      await terminal.type('aegir site veri');
      await terminal.press('tab');
      await terminal.waitFor('aegir site verify');
      await terminal.settle(300);
      await terminal.type('sh');
      await terminal.press('tab');
      await terminal.waitFor('aegir site verify shop.example.test');
      // What lies in a file is read at the first time, and only called at the next.
      await terminal.press('ctrl-u');
      await terminal.type('aegir platform comp');
      await terminal.press('tab');
      await terminal.waitFor('aegir platform compare');
    } finally {
      terminal.kill('SIGKILL');
      await terminal.exit;
    }
  });
});
