import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { AegirError } from '../../../model/errors.ts';
import type { ActOptions } from '../../host.ts';
import { lastOutput, runCommand } from '../../local/exec.ts';
import { processesOfUser, sendSignal } from '../../local/processes.ts';
import { waitUntil } from '../../local/wait.ts';
import { checkParents, checkPath, hasSiteUsers, ownUid, type Policy, refuse } from '../../policy.ts';
import type { RootActs } from '../../root-acts.ts';
import { defineAct } from '../act.ts';

const STOP_MS = 10_000;

/**
 * Composer runs code of the packages that it fetches, so it never runs as root: it gets the first user id of the sites'
 * range, which no site ever has and which has no name, home or rights. Its processes are ended before anything else
 * uses the result; the caller seals the tree.
 */
export const sourceComposer = defineAct('source.composer', {
  args: z.strictObject({
    package: z.string().regex(/^([a-z0-9][\w.-]*\/[a-z0-9][\w.-]*)?$/i),
    version: z.string().regex(/^[^-\n][^\n]*$|^$/),
    into: z.string(),
    /** The command line of PHP and Composer. */
    command: z.array(z.string()).min(1),
  }),
  describe: ({ package: name, into }) =>
    `${name === '' ? 'run composer install' : `create ${name} with composer`} in ${into}, as a user without rights`,
  run: (args, policy, live) => inTurn(() => compose(args, policy, live)),
});

/** One build at a time: builds share a user, and each ends all processes of that user. */
let last: Promise<unknown> = Promise.resolve();
function inTurn(work: () => Promise<void>): Promise<void> {
  const mine = last.then(work, work);
  last = mine.catch(() => {});
  return mine;
}

async function compose(
  { package: name, version, into, command }: RootActs['source.composer']['args'],
  policy: Policy,
  live: ActOptions,
): Promise<void> {
  checkPath(policy, into, [policy.paths.platforms]);
  checkParents(policy, into);
  const uid = hasSiteUsers(policy) ? policy.uidBase : undefined;
  const home = mkdtempSync(join(tmpdir(), 'aegir-build-'));
  try {
    takeSettings(policy, home);
    if (uid !== undefined) for (const folder of [home, into]) await giveTo(uid, folder);
    const given = [...command, ...(name === '' ? installArgs : createArgs(name, version))];
    try {
      await build(uid, { home, into, command: given }, live);
    } finally {
      if (uid !== undefined) await endAll(uid);
    }
    if (name !== '') moveUp(into);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const quiet = ['--no-dev', '--prefer-dist', '--no-interaction', '--no-progress', '--no-ansi'];
const installArgs = ['install', ...quiet, '--optimize-autoloader'];
/** Composer cannot create a project in an existing folder from every kind of repository, so it gets a folder below. */
const PROJECT = '.project';
const createArgs = (name: string, version: string): string[] => [
  'create-project',
  ...quiet,
  '--remove-vcs',
  '--',
  name,
  PROJECT,
  ...(version === '' ? [] : [version]),
];

/** Every process of the build has ended by now. */
function moveUp(into: string): void {
  const made = join(into, PROJECT);
  chownSync(into, ownUid(), process.getegid?.() ?? 0);
  if (!lstatSync(made).isDirectory()) refuse(`${made} is not a folder`);
  for (const entry of readdirSync(made)) renameSync(join(made, entry), join(into, entry));
  rmdirSync(made);
}

/** Copies what people have configured for Composer: config.json and auth.json in /etc/aegir/composer. */
function takeSettings({ paths }: Policy, home: string): void {
  for (const file of ['config.json', 'auth.json']) {
    const own = join(paths.etc, 'composer', file);
    if (existsSync(own)) cpSync(own, join(home, file));
  }
}

async function giveTo(uid: number, folder: string): Promise<void> {
  chmodSync(folder, 0o700);
  const given = await runCommand({ file: 'chown', args: ['-R', '-h', '-P', `${uid}:${uid}`, '--', folder] });
  if (given.code !== 0) throw new AegirError('TREE_FAILED', lastOutput(given), 'See the disk and its rights.');
  chownSync(folder, uid, uid);
}

async function build(
  uid: number | undefined,
  { home, into, command }: { home: string; into: string; command: string[] },
  live: ActOptions,
): Promise<void> {
  const [file = '', ...args] = command;
  const without = ['--clear-groups', '--no-new-privs', '--'];
  const as = uid === undefined ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, ...without];
  const [program = file, ...rest] = [...as, file, ...args];
  const proxies = Object.entries(process.env).filter(([name]) => /^(https?_proxy|no_proxy)$/i.test(name));
  const env = {
    ...Object.fromEntries(proxies.map(([name, value]) => [name, value ?? ''])),
    HOME: home,
    COMPOSER_HOME: home,
    COMPOSER_CACHE_DIR: join(home, 'cache'),
  };
  const result = await runCommand({ file: program, args: rest, cwd: into, env, timeoutMs: 3_000_000, ...live });
  if (result.code === 0) return;
  live.signal?.throwIfAborted();
  const hint = 'Its output is in the log; its repositories and tokens belong in composer/ of the settings folder.';
  throw new AegirError('BUILD_FAILED', `composer failed: ${lastOutput(result)}`, hint, 'from');
}

/** Ends every process of the build user. Throws `PROCESSES_LEFT`. */
async function endAll(uid: number): Promise<void> {
  const ended = await waitUntil(async () => {
    const left = processesOfUser(uid);
    for (const pid of left) sendSignal(pid, 'SIGKILL');
    return left.length === 0;
  }, STOP_MS);
  if (!ended)
    throw new AegirError('PROCESSES_LEFT', `processes of the build (${uid}) do not end`, 'Kill them, then try again.');
}
