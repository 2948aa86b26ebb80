import { makeBackupActions } from '../commands/backup-actions.ts';
import { counted } from '../commands/chosen-tasks.ts';
import { makeClientActions } from '../commands/client-actions.ts';
import { askMoves } from '../commands/move-actions.ts';
import { allCommands, reasonAgainst, reasonElsewhere } from '../commands/registry.ts';
import { showTests } from '../commands/service-tests.ts';
import { makeTaskActions } from '../commands/task-actions.ts';
import { parseLine } from '../dialogs/line.ts';
import { openPalette } from '../dialogs/palette.ts';
import { planVerify } from '../dialogs/plan.ts';
import { type BeginTools, beginTask } from '../forms/begin-task.ts';
import { type LogTools, makeLogActions } from '../log/actions.ts';
import type { Act, Command, Facts, HandOver } from '../model/command.ts';
import { openDialog } from '../model/open-dialog.ts';
import type { PaletteEntry, Tone } from '../model/parts.ts';
import type { ConsoleExit, ConsoleState, NewRoot } from '../model/state.ts';
import type { ConsoleDeps } from '../model/store.ts';

/** What the actions need of the store. */
export interface ActionTools extends Omit<BeginTools, 'act'>, Omit<LogTools, 'notify'> {
  getState(): ConsoleState;
  update(change: (state: ConsoleState) => ConsoleState): void;
  facts: Facts;
  reload(): void;
  refresh(): void;
  suspend(): void;
  setUp(as: NewRoot): void;
  handOver(what: HandOver): void;
  reopen(): void;
  localFiles(uri: string): Promise<readonly string[]>;
  planTask: ConsoleDeps['planTask'];
  testServices: ConsoleDeps['testServices'];
  paletteEntries(): readonly PaletteEntry[];
  otherPlatforms: Act['otherPlatforms'];
  batchesLike: Act['batchesLike'];
}

/** The things that commands can do, over a store. */
export function makeActions(tools: ActionTools): Act {
  const { getState, update, facts } = tools;

  const notify = (text: string, tone: Tone = 'plain'): void =>
    update((state) => ({ ...state, notice: { text, tone, at: Date.now() } }));

  function runCommand(command: Command | undefined, given: string): void {
    if (!command) return;
    const state = getState();
    const reason =
      reasonElsewhere(command, state) ??
      (given === '' ? reasonAgainst(command, state, facts) : readOnlyReason(command, state));
    if (reason !== undefined) notify(`${command.title}: ${reason}`, 'warn');
    else command.run(act, given);
  }

  const findCommand = (id: string): Command | undefined => allCommands(getState()).find((command) => command.id === id);

  const act: Act = {
    state: getState,
    facts,
    update,
    notify,
    beginTask: (type, objects, given) => beginTask({ ...tools, act }, type, objects, given),
    get tasks() {
      return tasks;
    },
    log: makeLogActions({ ...tools, notify }),
    backups: makeBackupActions({ ...tools, notify }),
    clients: makeClientActions({ ...tools, notify }),
    runLine(typed) {
      const { word, given } = parseLine(typed);
      if (word === '') return;
      const command = findCommand(word);
      if (command) runCommand(command, given);
      else notify(`There is no command "${word}"; ? shows what there is.`, 'warn');
    },
    runCommand: (id, given = '') => runCommand(findCommand(id), given),
    suspend: tools.suspend,
    setUp: tools.setUp,
    handOver: tools.handOver,
    reopen: tools.reopen,
    testServices: (name) => showTests({ act, testServices: tools.testServices }, name),
    planVerify: (uri) => planVerify({ act, planTask: tools.planTask }, uri),
    localFiles: tools.localFiles,
    refresh: tools.refresh,
    palette: (entries) => openPalette(act, entries ?? tools.paletteEntries()),
    otherPlatforms: tools.otherPlatforms,
    batchesLike: tools.batchesLike,
    moveSites: (words) => askMoves({ ...tools, notify }, words),
    quit(exit?: ConsoleExit) {
      if (exit) return update((state) => ({ ...state, exit }));
      if (facts.running() === 0) return act.quit({ reason: 'quit', tasks: 'none' });
      openDialog(act, quitDialog(act, facts.running()));
    },
  };
  const tasks = makeTaskActions({ ...tools, act });
  return act;
}

const readOnlyReason = (command: Command, state: ConsoleState): string | undefined =>
  command.changes && state.readOnly ? 'this is a read-only session' : undefined;

const quitDialog = (act: Act, running: number): ConsoleState['dialogs'][number] => ({
  kind: 'confirm',
  title: `Quit while ${counted(running)} ${running === 1 ? 'runs' : 'run'} here?`,
  lines: [
    'This console runs the tasks. Waiting ones stay queued and go on with the next console or worker.',
    'Leaving when they are done closes the screen and gives the terminal back once they have ended.',
  ],
  choices: [
    { label: 'Stay' },
    { label: 'Leave when done', run: () => act.quit({ reason: 'quit', tasks: 'finish' }) },
    { label: 'Cancel them and quit', run: () => act.quit({ reason: 'quit', tasks: 'cancel' }) },
  ],
  selected: 0,
  top: 0,
});
