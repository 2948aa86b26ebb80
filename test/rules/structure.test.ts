import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../src/version.ts';

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .trim()
  .split('\n')
  .filter((file) => existsSync(file));
const sources = tracked.filter((file) => /^src\/.*\.(ts|tsx)$/.test(file));
const read = (file: string): string => readFileSync(file, 'utf8');

/** Which rooms a room may import from: downward only (docs/architecture.md). */
const below: Record<string, string[]> = {
  'main.ts': ['cli', 'worker', 'provision', 'version.ts'],
  'version.ts': [],
  cli: ['screens', 'state', 'setup', 'worker', 'db', 'provision'],
  screens: ['state', 'provision-words'],
  state: ['worker', 'db', 'provision'],
  worker: ['db', 'provision'],
  setup: ['worker', 'db', 'provision'],
  db: ['provision-words'],
  front: ['provision'],
  provision: [],
};

/** The rooms within two of them, from the ground up: each may import from those before it. Their plan is in docs/architecture.md. */
const floors: Record<string, string[]> = {
  state: ['text', 'model', 'tables', 'pages', 'pages/kinds', 'log', 'forms', 'commands', 'dialogs', 'store'],
  provision: [
    ...['model', 'host', 'host/local', 'host/streams', 'host/acts', 'host/wire', 'host/makers', 'services', 'engines'],
    ...['sources', 'tasks/model', 'tasks/checks', 'tasks/steps', 'tasks/platform', 'tasks/server', 'tasks/site'],
    ...['tasks', '.'],
  ],
};

/** What the whole program speaks in: errors, and text that is safe to show. */
const words = ['src/provision/model/errors.ts', 'src/provision/model/clean-text.ts'];

/** Files that reach the disk past a host, and why they may: nothing of a site, a service or /etc is among what they touch. */
const ownFiles: Record<string, string> = {
  'src/state/log/save.ts': 'writes the file that the person has named, where the person sits',
  'src/state/log/watch.ts': 'hears that a file of this machine has changed; one elsewhere is asked each second',
  'src/state/store/place.ts': 'where this console was, for the next one',
  'src/state/store/session.ts': 'how this person has left the console',
  'src/worker/bell.ts': 'the bell of the queue, beside the inventory',
  'src/worker/edit-local.ts': "the copy that the person's editor has open",
  'src/worker/inventory-backup.ts':
    'SQLite itself writes these copies, and they must be found where no server is known',
  'src/worker/inventory-restore.ts': 'the same, where the inventory is lost',
  'src/worker/open-root.ts': 'the folder of the inventory, before any host is known',
  'src/worker/schedules.ts': "takes logs of tasks away that this program's worker has written",
  'src/worker/task-log.ts': 'a log of a task, which the worker writes where it runs',
  'src/worker/trouble.ts': 'the log of the worker itself',
  'src/worker/worker-holder.ts': "the worker's lock",
  'src/worker/worker-lock.ts': "the worker's lock",
};

describe('the structure of the program', () => {
  it('imports go downward only', () => {
    const upward: string[] = [];
    for (const file of sources) {
      const room = roomOf(file);
      for (const target of importsOf(file)) {
        const other = roomOf(target);
        const allowed = below[room] ?? [];
        const shared = words.includes(target) && allowed.includes('provision-words');
        if (other !== room && !allowed.includes(other) && !shared) upward.push(`${file} imports ${target}`);
      }
    }
    expect(upward).toEqual([]);
  });

  it.each(Object.keys(floors))('so they do within %s', (room) => {
    const order = floors[room] ?? [];
    const floorOf = (file: string): number => {
      const place = dirname(file).slice(`src/${room}/`.length) || '.';
      return order.indexOf(
        order.filter((one) => `${place}/`.startsWith(`${one}/`)).sort((a, b) => b.length - a.length)[0] ?? '',
      );
    };
    const own = sources.filter((file) => roomOf(file) === room);
    expect(own.filter((file) => floorOf(file) < 0)).toEqual([]);
    const upward = own.flatMap((file) =>
      importsOf(file)
        .filter((target) => roomOf(target) === room && floorOf(target) > floorOf(file))
        .map((target) => `${file} imports ${target}`),
    );
    expect(upward).toEqual([]);
  });

  it('no file imports itself by way of others, types included', () => {
    expect(circlesOf(new Map(sources.map((file) => [file, importsOf(file)])))).toEqual([]);
  });

  it('files of a machine are read and changed through its host, but for those that are our own', () => {
    const rooms = /^src\/(state|worker|provision\/(engines|services|sources|tasks))\//;
    const direct = sources.filter((file) => rooms.test(file) && /from 'node:fs(\/promises)?'/.test(read(file)));
    expect(direct.sort()).toEqual(Object.keys(ownFiles).sort());
  });

  it('no CMS is named outside of its engine', () => {
    const named = sources
      .filter((file) => !file.startsWith('src/provision/engines/'))
      .flatMap((file) =>
        read(file)
          .split('\n')
          .flatMap((line, place) => (namesCms(line) ? [`${file}:${place + 1}: ${line.trim()}`] : [])),
      );
    expect(named).toEqual([]);
  });

  it('a test that may be left out says in its name what it needs', () => {
    const silent = tracked
      .filter((file) => /^test\/.*\.test\.ts$/.test(file) && file !== 'test/rules/structure.test.ts')
      .flatMap((file) =>
        read(file)
          .split(/\.(?:runIf|skipIf)\(/)
          .slice(1)
          .map((rest) => rest.slice(0, rest.indexOf('=>')))
          .filter((title) => !/\(needs |\$\{needs\}/.test(title))
          .map((title) => `${file}: ${title.trim()}`),
      );
    expect(silent).toEqual([]);
  });

  it('nothing names a registry host or a folder of a developer', () => {
    const hosts = /deb\.debian\.org|registry\.npmjs|packagist\.org|\/work\/|\/root\/\.npm/;
    const named = tracked
      .filter((file) => !/\.(png|gz|zst)$/.test(file) && file !== 'test/rules/structure.test.ts')
      .filter((file) => hosts.test(read(file)));
    expect(named).toEqual([]);
  });

  it('says the version that package.json says', () => {
    expect(VERSION).toBe((JSON.parse(read('package.json')) as { version: string }).version);
  });
});

/** The ways back to itself that are found by following imports, each once: `a → b → a`. */
function circlesOf(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const way: string[] = [];
  function follow(file: string): void {
    const at = way.indexOf(file);
    if (at >= 0) circles.push([...way.slice(at), file].join(' → '));
    if (at >= 0 || done.has(file)) return;
    way.push(file);
    for (const target of imports.get(file) ?? []) follow(target);
    way.pop();
    done.add(file);
  }
  for (const file of imports.keys()) follow(file);
  return circles;
}

const roomOf = (file: string): string => file.split('/')[1] ?? '';

function importsOf(file: string): string[] {
  const found = read(file).matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g);
  return [...found]
    .map(([, path = '']) => normalize(join(dirname(file), path)))
    .filter((path) => path.startsWith('src/'));
}

/** Help and examples may name one: people know them by name. */
function namesCms(line: string): boolean {
  return /wordpress|drupal|spip|backdrop|civicrm/i.test(line) && !/example|help:|say\(|Next: /.test(line);
}
