import type { z } from 'zod';
import type { Host } from '../../host/host.ts';
import type { PackageInfo, PlatformContext, ServerContext, SiteContext } from '../../model/context.ts';
import type { Json } from '../../model/errors.ts';
import type { LogLevel, Problem, WorkIo } from '../../model/work-io.ts';
import type { Known } from './known.ts';
import type { Creation, ObjectKind, ObjectRecords, Records, Refusal } from './records.ts';

export type { ObjectKind } from './records.ts';

/** One line of a task's log, as stored. `at` is ISO 8601 UTC. */
export interface LogLine {
  at: string;
  level: LogLevel;
  step: string;
  stream: 'aegir' | 'stdout' | 'stderr';
  text: string;
}

/** The context of tasks on each kind of object: plain JSON, frozen when the task starts. */
export interface TaskContexts {
  server: { server: ServerContext; sites: SiteContext[] };
  platform: { platform: PlatformContext; server: ServerContext; sites: string[] };
  /** `source` and `target` are the site and platform named by the arguments `source` and `platform`. */
  site: {
    site: SiteContext;
    source?: SiteContext;
    target?: PlatformContext;
    backups?: GoingBackups;
    /** The client's disk quota and present usage, for a task that creates a site; undefined without a quota. */
    quota?: { maxBytes: number; usedBytes: number };
  };
}

/**
 * Names of a site's backups that are rotated automatically, newest first; without those that are waiting to be used.
 */
export interface GoingBackups {
  rotating: string[];
  safety: string[];
}

/** A task's context with its arguments. */
export type TaskContext<K extends ObjectKind, A> = TaskContexts[K] & { args: A };

/** What a step can use. */
export interface StepIo extends WorkIo, Known {
  host: Host;
  /** Arguments marked as secret in the schema; empty during recovery. */
  secrets: Readonly<Record<string, string>>;
  /**
   * Marks this step as not needed, with the reason: it was not requested, or has nothing to work on. A step that
   * checked something and found it in order is done.
   */
  notNeeded(why: string): void;
  /** Records in the journal what existed before the step acts. References only, never secrets. */
  save(saved: Json): void;
  /** Adds to the task's result, which later steps read and the commit stores. */
  report(result: Record<string, Json>): void;
  readonly result: Readonly<Record<string, Json>>;
  /** Runs `work` while no other task holds the lock: `web` (write, test, reload), `accounts`. */
  exclusive<T>(lock: 'web' | 'accounts', work: () => Promise<T>): Promise<T>;
}

/**
 * A named part of a task. `run` is idempotent. `undo` uses only the context and `saved`, is idempotent, and handles a
 * `run` that was interrupted; a step that saved nothing is not undone.
 */
export interface Step<C> {
  name: string;
  /** Shown while it runs: "Create the database". */
  title: string;
  run(ctx: C, io: StepIo): Promise<void>;
  undo?(ctx: C, io: StepIo, saved: Json): Promise<void>;
  /**
   * `held`: from here on visitors see a maintenance page; `back`: after it they see the site again. A worker that shuts
   * down stops no task between the two.
   */
  visitors?: 'held' | 'back';
}

/** The release that the site switches to. */
export interface NewRelease {
  number: number;
  database: string;
  platform: string;
  /** The previous release is kept until then (ISO 8601 UTC); undefined: it is removed. */
  keepUntil?: string | undefined;
}

/** Facts about a backup in addition to its manifest. */
export interface NewBackup {
  name: string;
  uri: string;
  platform: string;
  engine: string;
  version: string;
  description: string;
  kind: 'kept' | 'rotating' | 'safety';
  site: Pick<SiteContext, 'title' | 'profile' | 'language' | 'admin' | 'php' | 'aliases' | 'web'> & {
    /** Its files after unpacking, in bytes. */
    filesBytes?: number;
  };
  bytes: number;
}

/** What a task's commit writes to the inventory, in one transaction with the task's outcome. */
export interface InventoryChange {
  site?: SiteUpdate | { removed: true };
  platform?:
    | (Partial<Pick<PlatformContext, 'docroot' | 'engine' | 'version' | 'profiles' | 'php' | 'root' | 'managed'>> & {
        state?: 'ready' | 'failed';
        /** null unlocks. */
        lockReason?: string | null;
        packages?: PackageInfo[];
      })
    | { removed: true };
  server?: { services: ServerContext['services'] };
  /** A backup that was created and verified. */
  backup?: NewBackup;
  /** Names of backups that no longer exist. */
  forgetBackups?: string[];
}

/** The fields of a site that change; others stay. */
export interface SiteUpdate {
  /** Becomes the current release. */
  release?: NewRelease;
  /** The release that the site could be rolled back to is gone when the task has ended. */
  forgetKept?: true;
  state?: 'enabled' | 'disabled' | 'failed' | undefined;
  diskBytes?: number | undefined;
  packages?: PackageInfo[] | undefined;
  title?: string | undefined;
  php?: SiteContext['php'] | undefined;
  web?: SiteContext['web'] | undefined;
  /** URI and all aliases. */
  names?: Pick<SiteContext, 'uri' | 'aliases'> | undefined;
  /** The client's name. */
  client?: string | undefined;
  /** Schedules by task type; see ScheduleChange. */
  schedules?: Record<string, { minutes?: number | undefined; args?: Record<string, Json> }> | undefined;
  /** null unlocks. */
  lockReason?: string | null | undefined;
}

/** A task type. Its arguments are defined only in `args`: form, flags, help and protocol are derived from it. */
export interface TaskDefinition<K extends ObjectKind = ObjectKind, A extends z.ZodObject = z.ZodObject> {
  /** `site.install` */
  type: string;
  /** "Install" */
  title: string;
  /** One sentence for help pages. */
  summary: string;
  object: K;
  /** Keys that begin it in the console; one without is reached by name. `footer`: its place there, smallest first. */
  keys?: readonly string[];
  footer?: number;
  /** How it is done with several objects at once, if not by marking them: it asks for answers. */
  several?: string;
  /** If queueing creates the object's row (and a failed task removes it again). */
  creates?: Creation<z.infer<A>>;
  /** Why it cannot be queued for an object now, beyond what holds for all tasks: the only place that refuses it. */
  available?(object: ObjectRecords[K], records: Records): Refusal | undefined;
  /** What an object has now of what the arguments change, by argument. */
  present?(object: ObjectRecords[K], records: Records): Record<string, string | number | null | undefined>;
  /** Values of arguments that were left out; determined when it is queued. Throws AegirError. */
  defaults?(records: Records, object: string, args: z.infer<A>): Partial<z.infer<A>>;
  /** Refuses arguments that conflict with what is recorded: a name in use, an unknown client. Throws AegirError. */
  checkArgs?(records: Records, object: string, args: z.infer<A>): void;
  /** What a person should know before it is queued, as lines: for its question, and for its plan. */
  notes?(records: Records, object: string, args: z.infer<A>): { question: string[]; plan: string[] };
  /** True if nothing of the object remains afterwards, not even what an undo could not remove. */
  removes?: boolean;
  /**
   * True if it does not affect the configuration of web server and PHP, so that a server can be verified at the same
   * time.
   */
  leavesServices?: boolean;
  /** A schedule runs it for a disabled, damaged or locked site too, and one that could not be queued is told of. */
  scheduledAlways?: boolean;
  /**
   * Names of results that are all that somebody wants of it: the command that queues it waits for it and prints them, the
   * first one alone where people read it.
   */
  answers?: readonly [string, ...string[]];
  /** What a person must do before it is queued: nothing, confirm, or type the object's name. */
  danger: 'none' | 'confirm' | 'typed';
  /** What will be lost; shown if danger is not none. */
  loses?: string;
  args: A;
  /** Time limit of the whole task, in seconds. */
  timeLimitS: number;
  /** Without side effects. Calls `problem` once for each problem, so that all of them are seen. */
  validate(ctx: TaskContext<K, z.infer<A>>, io: StepIo, problem: Problem): Promise<void>;
  apply: Step<TaskContext<K, z.infer<A>>>[];
  commit(ctx: TaskContext<K, z.infer<A>>, result: Readonly<Record<string, Json>>): InventoryChange;
  /** Work that follows from the inventory; repeated after a crash, never undone. */
  cleanUp: Step<TaskContext<K, z.infer<A>>>[];
}

/** Gives a task definition its types; returns it unchanged. */
export function defineTask<K extends ObjectKind, A extends z.ZodObject>(
  task: TaskDefinition<K, A>,
): TaskDefinition<K, A> {
  return task;
}
