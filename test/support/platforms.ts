import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sourceDebian } from '../../src/provision/host/acts/sources/debian.ts';
import { treeSeal } from '../../src/provision/host/acts/trees.ts';
import { type RootPaths, rootPaths } from '../../src/provision/model/paths.ts';
import { tryWorkerLock } from '../../src/worker/worker-lock.ts';
import { testCache } from './cache.ts';

/** A package's tree for the tests of one root, which may write to it. */
export async function debianTree(root: string, name: string, suite = ''): Promise<string> {
  const tree = await fetched(name, suite);
  const copy = copyOf(root, tree);
  // The code knows where it lies.
  const replace = 'grep -rlZF "$1" "$2" | xargs -0r sed -i "s#$1#$2#g"';
  execFileSync('sh', ['-c', replace, 'sh', tree, copy]);
  return copy;
}

/** A copy below a test's root of a tree that others have too: root's throughout, as a platform's code must be. */
export function copyOf(root: string, tree: string): string {
  const folder = join(root, 'trees');
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const copy = mkdtempSync(join(folder, 'tree-'));
  execFileSync('cp', ['-a', `${tree}/.`, copy]);
  if (process.getuid?.() === 0) execFileSync('chown', ['-R', 'root:root', copy]);
  execFileSync('chmod', ['-R', 'u=rwX,go=rX', copy]);
  return copy;
}

/**
 * The tree as the machine's Debian archive has it, fetched once a day, by whichever test needs it first; others wait. It is
 * never changed nor moved while a test of that day may read it: each day has a folder of its own.
 */
async function fetched(name: string, suite: string): Promise<string> {
  const paths = rootPaths(testCache('debian'));
  const label = suite ? `${name}-${suite}` : name;
  const tree = join(paths.platforms, `${label}-${dayOf(Date.now())}`);
  for (const folder of [paths.platforms, paths.cache]) mkdirSync(folder, { recursive: true, mode: 0o755 });
  for (; !existsSync(tree); await sleep(100)) {
    // As a worker's, it ends with its process.
    const lock = tryWorkerLock(join(paths.cache, `${label}.lock`));
    try {
      if (lock && !existsSync(tree)) await fetchTree(paths, name, suite, label, tree);
    } finally {
      lock?.release();
    }
  }
  return tree;
}

/** Fetches a package's tree, and removes those of days before yesterday. Nobody else does so at the same time. */
async function fetchTree(paths: RootPaths, name: string, suite: string, label: string, tree: string): Promise<void> {
  const into = join(paths.platforms, `.new-${label}`);
  const cache = join(paths.cache, label);
  // What a killed test has left.
  for (const folder of [into, cache]) rmSync(folder, { recursive: true, force: true });
  const policy = {
    paths,
    handlePrefix: 'aegtest',
    uidBase: 0,
    webUser: 'www-data',
    mark: '',
    systemFiles: [],
    platformFolders: [],
  };
  mkdirSync(into);
  await sourceDebian.run({ package: name, suite, cache, into, home: tree }, policy, {});
  await treeSeal.run({ path: into }, policy, {});
  rmSync(cache, { recursive: true, force: true });
  renameSync(into, tree);
  const kept = [tree, `${label}-${dayOf(Date.now() - DAY_MS)}`].map((path) => basename(path));
  for (const other of readdirSync(paths.platforms))
    if (/^(.*)-\d{4}-\d{2}-\d{2}$/.exec(other)?.[1] === label && !kept.includes(other))
      rmSync(join(paths.platforms, other), { recursive: true, force: true });
}

const DAY_MS = 24 * 3600 * 1000;

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** Trees of CMSs that no package has, given by whoever runs the tests. */
export function givenTrees(): string[] {
  const folder = process.env.AEGIR_TEST_PLATFORMS;
  return folder
    ? readdirSync(folder)
        .map((name) => join(folder, name))
        .filter((path) => statSync(path).isDirectory())
    : [];
}
