import { spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isAlive, processFact, programOf, sendSignal } from '../../src/provision/host/local/processes.ts';
import { waitUntil } from '../../src/provision/host/local/wait.ts';
import { localHost } from '../../src/provision/host/makers/local.ts';
import { rootPaths } from '../../src/provision/model/paths.ts';

/** Names and numbers that one stack alone uses, and the root for which it does. */
const slotSchema = z.object({
  root: z.string(),
  handlePrefix: z.string(),
  uidBase: z.number(),
  /** Whose it is. */
  pid: z.number(),
  started: z.string(),
});
export type Slot = z.infer<typeof slotSchema>;

/** The same for all runs on a machine. */
const FOLDER = '/tmp/aegtest-slots';
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
/** More than a policy allows for one root. */
const IDS = 50_000;
const UID_BASE = 300_000_000 + LETTERS.length * IDS * placeOfSandbox();

/**
 * A run in a sandbox has an /etc/passwd of its own, but the kernel knows its users by their ids, like those of other runs:
 * each sandbox has a range of ids, by the process that made it. 0 is for runs without one.
 */
function placeOfSandbox(): number {
  const [, pid] = /aegtest-run-(\d+)-/.exec(process.env.AEGIR_TEST_SANDBOX ?? '') ?? [];
  return pid === undefined ? 0 : 1 + (Number(pid) % 1000);
}

/** Takes names and user ids for a root, after sweeping what earlier runs left. Throws when all are taken. */
export async function takeSlot(root: string, prefix: string): Promise<Slot> {
  await sweep();
  const { pid, started } = processFact(process.pid) ?? { pid: process.pid, started: '' };
  for (const [place, letter] of [...LETTERS].entries()) {
    const slot = { root, handlePrefix: `${prefix}${letter}`, uidBase: UID_BASE + place * IDS, pid, started };
    if (!claim(letter, slot)) continue;
    // What a run has left that could not end as it should.
    for (const user of usersOf(slot.handlePrefix)) spawnSync('userdel', ['--force', user]);
    return slot;
  }
  throw new Error(`all names for test stacks are taken; see ${FOLDER}`);
}

/** Ends the daemons of a stack by their process ids, removes its users and its root, and gives its names back. */
export async function freeSlot(slot: Slot): Promise<void> {
  const paths = rootPaths(slot.root);
  await Promise.all(['nginx', 'fpm'].map((name) => endDaemon(join(paths.run, `${name}.pid`))));
  const { handlePrefix, uidBase } = slot;
  const policy = { paths, handlePrefix, uidBase, webUser: 'www-data', mark: '', systemFiles: [], platformFolders: [] };
  const host = localHost(policy);
  for (const user of usersOf(handlePrefix)) await host.act('user.remove', { user });
  // A disk of its own, when it has one.
  spawnSync('umount', ['--lazy', slot.root]);
  rmSync(slot.root, { recursive: true, force: true });
  rmSync(fileOf(handlePrefix.slice(-1)), { force: true });
  try {
    rmdirSync(FOLDER);
  } catch {
    // Others have names there, or it is gone.
  }
}

/** Frees the names of stacks whose process is gone. */
export async function sweep(): Promise<void> {
  for (const letter of LETTERS) {
    const slot = read(fileOf(letter));
    if (slot && !isAlive(slot)) await freeLeft(slot, fileOf(letter));
  }
}

/** Of two that sweep at once, one has the file: the other must not free what a third has taken meanwhile. */
async function freeLeft(slot: Slot, file: string): Promise<void> {
  const mine = `${file}.${process.pid}.left`;
  try {
    renameSync(file, mine);
  } catch {
    return;
  }
  const renamed = read(mine);
  if (renamed && isAlive(renamed)) return renameSync(mine, file);
  await freeSlot(slot);
  rmSync(mine, { force: true });
}

const fileOf = (letter: string): string => join(FOLDER, `${letter}.json`);

/** Makes a slot's file whole and at once; false when another has it. */
function claim(letter: string, slot: Slot): boolean {
  const draft = join(FOLDER, `${letter}.${process.pid}.new`);
  try {
    mkdirSync(FOLDER, { recursive: true, mode: 0o700 });
    writeFileSync(draft, JSON.stringify(slot));
    linkSync(draft, fileOf(letter));
    return true;
  } catch {
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

function read(file: string): Slot | undefined {
  try {
    return slotSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Ends a daemon that a pid file names, when it is one that stacks start. */
async function endDaemon(pidFile: string): Promise<void> {
  const pid = Number(readText(pidFile));
  if (!(pid > 1) || !/\/(nginx|php-fpm[0-9.]*)$/.test(programOf(pid) ?? '')) return;
  const fact = processFact(pid);
  if (!fact) return;
  sendSignal(pid, 'SIGTERM');
  if (!(await waitUntil(() => !isAlive(fact), 5000))) sendSignal(pid, 'SIGKILL');
}

const usersOf = (handlePrefix: string): string[] =>
  readFileSync('/etc/passwd', 'utf8').match(new RegExp(`^${handlePrefix}[1-9][0-9]*(?=:)`, 'gm')) ?? [];

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
