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
import { readsOf } from './machine-reads.ts';
import { restartAsNewBuild } from './restart.ts';
import { saveMemory } from './save-memory.ts';
import type { ScreenFlags } from './screen-options.ts';

/**
 * Opens the console: on a root, with the worker in this process; without a root, on the page of a new machine. What the
 * first frame does not show (worker, services, setup) is loaded after it. `args` are the arguments that open the same
 * console again with another build; by default those of this process.
 */
export async function openConsole(
  paths: RootPaths,
  options: {
    readOnly: boolean;
    color: boolean;
    dryRun?: boolean;
    version: string;
    screen?: ScreenFlags;
    args?: string[];
    loadProgram(): Promise<Program>;
  },
): Promise<number> {
  if (options.dryRun)
    throw new AegirError('USAGE', '--dry-run needs a command', 'For a console that changes nothing: aegir --read-only');
  // Read before anything is drawn, so that an error in it is printed on the plain terminal.
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
    // The frame shows services that do not start, and doctor shows why.
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
    // A screen reader would read the whole screen again.
    ...(config.screenReader || !drawsOver() ? {} : { reopensAfterMs: REOPENS_MS }),
    running: () => worker?.running ?? 0,
    shown() {
      // Caches compiled code now for the next start, since a signal may end the console.
      flushCompileCache?.();
      saveMemory();
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
    process.stderr.write(
      `aegir: ${worker.running} tasks are still running in this process; waiting for them to end.\n`,
    );
  }
  await (exit.tasks === 'cancel' ? worker?.stop() : worker?.drain());
  files?.inventory.close();
  if (exit.reason !== 'reopen') return 0;
  const args = options.args ?? process.argv.slice(2);
  restartAsNewBuild(args);
  rmSync(placeFile(paths.root), { force: true });
  throw new AegirError('REOPEN_FAILED', 'the newly installed program no longer exists', 'Start it again: aegir');
}

const noColour = { theme: 'mono' } as const;

/** How long no key was pressed before the console reopens by itself. */
const REOPENS_MS = 60_000;

/** The file with the open page, for a console that reopens in this process. */
const placeFile = (root: string): string => sessionFile(root).replace(/\.json$/, `.place-${process.pid}`);

/** The file with the console's state between sessions, one per person and root (XDG Base Directory Specification). */
function sessionFile(root: string): string {
  const state = process.env.XDG_STATE_HOME || join(homedir(), '.local/state');
  return join(state, 'aegir', `console-${createHash('sha256').update(root).digest('hex').slice(0, 12)}.json`);
}
