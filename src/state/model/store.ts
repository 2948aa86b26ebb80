import type { Reads } from '../../provision/host/host.ts';
import type { RootPaths } from '../../provision/model/paths.ts';
import type { Program } from '../../provision/program.ts';
import type { Marking } from '../../worker/marking.ts';
import type { TaskPlan } from '../../worker/plan-task.ts';
import type { Access, TaskRequest } from '../../worker/queue-access.ts';
import type { ServiceTest } from '../../worker/test-services.ts';
import type { TaskCatalogue } from './catalogue.ts';
import type { Facts, HandedBack, HandOver } from './command.ts';
import type { FormChoice } from './form.ts';
import type {
  ConsoleExit,
  ConsoleState,
  Finding,
  MachineHealth,
  NewRoot,
  ServiceHealth,
  WorkerHealth,
} from './state.ts';

/** What the console is given. All but `registry`, `paths`, `version` and `loadProgram` may be left out. */
export interface ConsoleDeps {
  /** Its pages and commands: `makeRegistry(standardPages)`, or more of them. */
  registry: ConsoleState['registry'];
  /** Where tasks are queued; without one nothing can be changed. */
  queue: Access | undefined;
  paths: RootPaths;
  version: string;
  /** Loads what tasks, forms and checks need; called when the first frame is on its way. */
  loadProgram(): Promise<Program>;
  readOnly?: boolean;
  /** Where files of sites are read: this machine unless said. */
  machine?: Reads;
  /** By what this machine is told from others. */
  marking?: Marking;
  /** What this machine is called; its own name unless said. */
  hostName?: string;
  /** Called once, when the first frame is on its way: the place to begin, and to load, what it does not show. */
  shown?(): void;
  /** Where view, filters and `:` lines are kept from one start to the next. */
  sessionFile?: string;
  /** A file to come back to a place by: read at the start, written when the console reopens. */
  placeFile?: string;
  /** The build that has taken the place of this program on disk; undefined while none has. */
  newerProgram?(): string | undefined;
  /** Without a key for so long it reopens by itself as that; never unless said. */
  reopensAfterMs?: number;
  /** How many tasks run in this process. */
  running?(): number;
  /** How the services of this machine are. Asked at the start, after tasks, and now and then. */
  probeServices?(): Promise<ServiceHealth[]>;
  /** What is wrong with the worker; undefined while nothing is. Asked together with the services. */
  probeWorker?(): Promise<WorkerHealth | undefined>;
  /** How much of this machine is left. Asked together with the services. */
  probeMachine?(): Promise<MachineHealth | undefined>;
  /** What the services of a server say of their configuration. */
  testServices?(server: string): Promise<ServiceTest[]>;
  /** What a task would do, found out without queueing it. */
  planTask?(request: TaskRequest): Promise<TaskPlan>;
  /** What doctor finds on this machine. Asked when somebody looks at it. */
  findings?(): Promise<Finding[]>;
  /** Sets the machine up, or makes a trial, on the terminal, which is given over to it; its queue, when that worked. */
  runSetup?(as: NewRoot): Promise<Access | undefined>;
  /** Does something by hand, on the terminal, which is given over to it. */
  handOver?(what: HandOver): Promise<HandedBack>;
  loadCatalogue?(): Promise<TaskCatalogue>;
}

/** What the store asks of the terminal. */
export interface TerminalPort {
  /** Gives the terminal over to `work`; when it says so, draws again only when the person has read and pressed enter. */
  stepAside(work: () => Promise<{ read: boolean }>): Promise<unknown>;
  /** Stops the process as ctrl-z does; resolves when it goes on. */
  stopProcess(): Promise<void>;
  /** Asks the terminal to put a text on the clipboard of the machine where the person sits. */
  copy(text: string): boolean;
}

/** The console without a screen: all it knows, and the keys that change it. */
export interface ConsoleStore {
  getState(): ConsoleState;
  subscribe(changed: () => void): () => void;
  press(key: string): void;
  paste(text: string): void;
  resize(columns: number, rows: number): void;
  facts: Facts;
  /** Completions of the `:` line; none when it is closed. */
  completions(): readonly string[];
  /** What the current question of the form offers. */
  choices(): readonly FormChoice[];
  /** Begins what the first frame does not need: task types, live queries, service states. */
  start(terminal: TerminalPort): void;
  leave(exit: ConsoleExit): void;
  /** Gives up files, timers and the connection. */
  stop(): void;
}
