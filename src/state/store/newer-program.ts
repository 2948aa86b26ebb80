import type { Facts } from '../model/command.ts';
import { openDialog } from '../model/open-dialog.ts';
import type { ConsoleExit, ConsoleState, Dialog } from '../model/state.ts';
import { NEWER_PROGRAM } from '../model/state.ts';
import type { ConsoleDeps } from '../model/store.ts';

/** What this needs of the store. */
interface Tools {
  deps: Pick<ConsoleDeps, 'newerProgram' | 'reopensAfterMs'>;
  getState(): ConsoleState;
  update(change: (state: ConsoleState) => ConsoleState): void;
  facts: Facts;
  /** True while the terminal is given over to somebody else. */
  away(): boolean;
  quit(exit: ConsoleExit): void;
}

/** Watches whether the program on disk is another one than this console, and goes on as that. */
export interface NewerProgram {
  /** A key came. */
  pressed(): void;
  /** To be called now and then; cheap. */
  look(): void;
  /** Reopens the console as the program on disk; asks where tasks run in it. */
  reopen(): void;
}

/** Looks come once a second; with more between them the process was stopped. */
const LONGEST_MS = 10_000;

/** Makes one. By itself a console reopens only where nothing is open that would be lost, and nobody is at the keys. */
export function watchProgram({ deps, getState, update, facts, away, quit }: Tools): NewerProgram {
  let pressedAt = Date.now();
  let lookedAt = Date.now();

  return {
    pressed() {
      pressedAt = Date.now();
    },
    look() {
      const now = Date.now();
      // Whoever comes back from a shell, or from ctrl-z, has pressed keys elsewhere.
      if (away() || now - lookedAt > LONGEST_MS) pressedAt = now;
      lookedAt = now;
      const newer = deps.newerProgram?.();
      if (newer !== getState().newer) update((state) => withNewer(state, newer));
      const idle = deps.reopensAfterMs !== undefined && now - pressedAt >= deps.reopensAfterMs;
      const { dialogs, going, exit } = getState();
      const busy = dialogs.length + going.length + facts.running() > 0 || exit !== undefined || away();
      if (newer !== undefined && idle && !busy) quit({ reason: 'reopen', tasks: 'none' });
    },
    reopen() {
      const running = facts.running();
      if (running === 0) return quit({ reason: 'reopen', tasks: 'none' });
      openDialog({ update }, reopenDialog(running, quit));
    },
  };
}

const withNewer = (state: ConsoleState, newer: string | undefined): ConsoleState => ({
  ...state,
  newer,
  notice:
    newer === undefined
      ? state.notice
      : { text: `${newer}: ${NEWER_PROGRAM} this console`, tone: 'accent', at: Date.now() },
});

const reopenDialog = (running: number, quit: Tools['quit']): Dialog => ({
  kind: 'confirm',
  title: `Reopen while ${running === 1 ? '1 task runs' : `${running} tasks run`} here?`,
  lines: [
    'This console runs the tasks. Waiting ones stay queued and go on with the next console or worker.',
    'Reopening closes the screen until they have ended.',
  ],
  choices: [{ label: 'Stay' }, { label: 'Reopen when done', run: () => quit({ reason: 'reopen', tasks: 'finish' }) }],
  selected: 0,
  top: 0,
});
