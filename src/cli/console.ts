import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { newerBuild } from '../provision/host/local/build.ts';
import { AegirError } from '../provision/model/errors.ts';
import type { RootPaths } from '../provision/model/paths.ts';
import type { Program } from '../provision/program.ts';
import { drawsOver } from '../screens/draws-over.ts';
import { runConsole } from '../screens/run-console.tsx';
import { makeRegistry } from '../state/commands/registry.ts';
import { standardPages } from '../state/pages/kinds/standard.ts';
import { readConsoleConfig } from '../state/store/config.ts';
import { createConsole } from '../state/store/console.ts';
import { currentActor } from '../worker/actor.ts';
import { readMarking } from '../worker/marking.ts';
import { openRootFiles, type Root, type RootFiles, rootExists } from '../worker/open-root.ts';
import type { ConsoleWorker } from './console-work.ts';
import { goOnAsNew } from './go-on.ts';
import { takeLittleMemory } from './little-memory.ts';
import { readsOf } from './machine-reads.ts';
import type { ScreenFlags } from './screen-options.ts';

/**
 * Opens the console: on a root with the worker in this process, else on the page of a new machine. What the first
 * frame does not show (worker, services, setup) is loaded after it. `words` are those that open the same console again,
 * as another version of the program: what this process was started with, unless said.
 */
export async function openConsole(
  paths: RootPaths,
  options: {
    readOnly: boolean;
    color: boolean;
    dryRun?: boolean;
    version: string;
    screen?: ScreenFlags;
    words?: string[];
    loadProgram(): Promise<Program>;
  },
): Promise<number> {
  if (options.dryRun)
    throw new AegirError('USAGE', '--dry-run belongs to a command', 'To look only: aegir --read-only');
  // Before anything is drawn: what is wrong in it is said where it can be read.
  const config = { ...readConsoleConfig(paths), ...(options.color ? {} : noColour), ...options.screen };
  const marking = readMarking(paths);
  const readOnly = options.readOnly || config.readOnly;
  let files = rootExists(paths) ? openRootFiles(paths) : undefined;
  const { loadProgram } = options;
  /** The open root with the program, which is loaded when it is first needed. */
  const opened = async (): Promise<Root | undefined> => files && { ...files, program: await loadProgram() };
  const mustBeOpen = async (): Promise<Root> => {
    const root = await opened();
    if (root) return root;
    throw new AegirError('NOT_SET_UP', 'this machine is not set up', 'Run: aegir setup');
  };
  let worker: ConsoleWorker | undefined;
  let begun: Promise<void> | undefined;
  const begin = async (): Promise<void> => {
    if (readOnly) return;
    const root = await opened();
    if (!root) return;
    const { beginServices, beginWork } = await import('./console-work.ts');
    worker ??= beginWork(root);
    // What does not start is seen in the frame, and doctor says why.
    await beginServices(root).catch(() => {});
  };
  const accessTo = <R extends RootFiles>(open: R) => ({ ...open, actor: currentActor(), readOnly });
  const store = createConsole({
    registry: makeRegistry(standardPages),
    queue: files && accessTo(files),
    loadProgram,
    paths,
    version: options.version,
    readOnly,
    machine: readsOf(() => files),
    marking,
    sessionFile: sessionFile(paths.root),
    placeFile: placeFile(paths.root),
    newerProgram: newerBuild,
    // Whom it is read to would hear all of it again, and may only be listening.
    ...(config.screenReader || !drawsOver() ? {} : { reopensAfterMs: REOPENS_MS }),
    running: () => worker?.running ?? 0,
    shown() {
      // A console may be ended by a signal: what it compiled is kept now, for the next start.
      flushCompileCache?.();
      takeLittleMemory();
      begun = begin();
    },
    planTask: async (request) => {
      const root = await mustBeOpen();
      return (await import('./console-work.ts')).plan(accessTo(root), root, request);
    },
    handOver: async (what) => {
      const root = await mustBeOpen();
      return (await import('./console-interactive.ts')).handOver(accessTo(root), what);
    },
    probeServices: async () => {
      const root = await opened();
      return root ? (await import('./console-work.ts')).serviceHealth(root) : [];
    },
    probeWorker: async () => {
      // The worker may be this process.
      await begun;
      return files && (await import('./console-work.ts')).workerHealth(files);
    },
    probeMachine: async () => files && (await import('./console-work.ts')).machineHealth(files),
    testServices: async (server) => {
      const root = await opened();
      return root ? (await import('../worker/test-services.ts')).testServices(root, server) : [];
    },
    findings: async () => (await import('./home.ts')).machineFindings(paths, await loadProgram(), await opened()),
    runSetup: async (as) => {
      const { setUpHere, tryHere } = await import('./home.ts');
      const program = await loadProgram();
      const isMade = await (as === 'trial' ? tryHere(paths, program, options) : setUpHere(paths, program));
      if (!isMade) return undefined;
      files ??= openRootFiles(paths);
      await begin();
      return accessTo(files);
    },
  });
  const exit = await runConsole(store, { config });
  if (worker && worker.running > 0 && (exit.reason === 'quit' || exit.reason === 'reopen')) {
    process.stderr.write(`aegir: ${worker.running} tasks still run here; waiting for them to end.\n`);
  }
  await (exit.tasks === 'cancel' ? worker?.stop() : worker?.drain());
  files?.inventory.close();
  if (exit.reason !== 'reopen') return 0;
  const words = options.words ?? process.argv.slice(2);
  goOnAsNew(words);
  rmSync(placeFile(paths.root), { force: true });
  throw new AegirError(
    'REOPEN_FAILED',
    'the program that was installed is not there any more',
    'Start it again: aegir',
  );
}

const noColour = { theme: 'mono' } as const;

/** For so long nobody has pressed a key: whoever only looks finds the same screen again. */
const REOPENS_MS = 60_000;

/** Where a console that reopens in this process finds where it was. */
const placeFile = (root: string): string => sessionFile(root).replace(/\.json$/, `.place-${process.pid}`);

/** Where the console keeps how it was left: of each person and root (XDG Base Directory Specification). */
function sessionFile(root: string): string {
  const state = process.env.XDG_STATE_HOME || join(homedir(), '.local/state');
  return join(state, 'aegir', `console-${createHash('sha256').update(root).digest('hex').slice(0, 12)}.json`);
}
