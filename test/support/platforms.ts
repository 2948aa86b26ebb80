import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { sourceDebian } from '../../src/provision/host/acts/sources/debian.ts';
import { treeSeal } from '../../src/provision/host/acts/trees.ts';
import { rootPaths } from '../../src/provision/model/paths.ts';
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
 * The tree as the machine's Debian archive has it, fetched once a day. It is never changed nor moved while a test of
 * that day may read it: each day has a folder of its own, and of two tests that fetch at once the first one's stays.
 */
async function fetched(name: string, suite: string): Promise<string> {
  const paths = rootPaths(testCache('debian'));
  const label = suite ? `${name}-${suite}` : name;
  const tree = join(paths.platforms, `${label}-${dayOf(Date.now())}`);
  if (existsSync(tree)) return tree;
  for (const folder of [paths.platforms, paths.cache]) mkdirSync(folder, { recursive: true, mode: 0o755 });
  const into = join(paths.platforms, `.new-${label}-${process.pid}`);
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
  await sourceDebian.run(
    { package: name, suite, cache: join(paths.cache, String(process.pid)), into, home: tree },
    policy,
    {},
  );
  await treeSeal.run({ path: into }, policy, {});
  rmSync(join(paths.cache, String(process.pid)), { recursive: true, force: true });
  try {
    renameSync(into, tree);
  } catch {
    // Another test was first.
    rmSync(into, { recursive: true, force: true });
  }
  const kept = [tree, `${label}-${dayOf(Date.now() - DAY_MS)}`].map((path) => basename(path));
  for (const other of readdirSync(paths.platforms))
    if (/^(.*)-\d{4}-\d{2}-\d{2}$/.exec(other)?.[1] === label && !kept.includes(other))
      rmSync(join(paths.platforms, other), { recursive: true, force: true });
  return tree;
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
