import type { z } from 'zod';
import type { Host } from '../../host/host.ts';
import type { PackageInfo, PlatformContext, ServerContext, SiteContext } from '../../model/context.ts';
import type { Json } from '../../model/errors.ts';

export type ObjectKind = 'server' | 'platform' | 'site';
export type LogLevel = 'debug' | 'info' | 'warning' | 'error';

/** One line of a task's log, as stored. `at` is ISO 8601 UTC. */
export interface LogLine {
  at: string;
  level: LogLevel;
  step: string;
  stream: 'aegir' | 'stdout' | 'stderr';
  text: string;
}

/** What tasks on each kind of object are given: plain JSON, frozen when the task starts. */
export interface TaskContexts {
  server: { server: ServerContext; sites: SiteContext[] };
  platform: { platform: PlatformContext; server: ServerContext; sites: string[] };
  /** `source` and `target` are the site and the platform that the arguments `source` and `platform` mean. */
  site: {
    site: SiteContext;
    source?: SiteContext;
    target?: PlatformContext;
    backups?: GoingBackups;
    /** What the client of a site that is made may take on the disk, and takes already; without it there is no limit. */
    quota?: { maxBytes: number; usedBytes: number };
  };
}

/** Names of the backups of a site that go by themselves, newest first; those that wait to be used are left out. */
export interface GoingBackups {
  rotating: string[];
  safety: string[];
}

/** The context of a task with its arguments. */
export type TaskContext<K extends ObjectKind, A> = TaskContexts[K] & { args: A };

/** What a step may use. */
export interface StepIo {
  host: Host;
  /** Fires on cancel and when the task's time is over. */
  signal: AbortSignal;
  /** Arguments that the schema marks as secret; empty while a recovery runs. */
  secrets: Readonly<Record<string, string>>;
  log(level: LogLevel, text: string): void;
  /** For `onLine` of commands: child output into the log. */
  line(stream: 'stdout' | 'stderr', text: string): void;
  progress(done: number, total: number, unit: string): void;
  /**
   * Says that this step was not called for, and why: nobody asked for it, or what it is about is not there. One that
   * looked, and found all as it should be, is done.
   */
  notNeeded(why: string): void;
  /** Records in the journal, before acting, what was there before. References only, never secrets. */
  save(saved: Json): void;
  /** Adds to the task's result: what later steps read and what the commit stores. */
  report(result: Record<string, Json>): void;
  readonly result: Readonly<Record<string, Json>>;
  /** Runs `work` while no other task does the same: `web` (write, test, reload), `accounts`. */
  exclusive<T>(lock: 'web' | 'accounts', work: () => Promise<T>): Promise<T>;
}

/**
 * A named part of a task. `run` can be run twice. `undo` works from the context and `saved` alone,
 * can be run twice, and copes with a `run` that was cut half-way; a step that saved nothing is not undone.
 */
export interface Step<C> {
  name: string;
  /** What a person reads while it runs: "Create the database". */
  title: string;
  run(ctx: C, io: StepIo): Promise<void>;
  undo?(ctx: C, io: StepIo, saved: Json): Promise<void>;
  /**
   * `held`: from here on visitors see a page that asks for patience; `back`: once it is done they see the site again.
   * A worker that ends leaves no task between the two.
   */
  visitors?: 'held' | 'back';
}

/** The release that a site changes to. */
export interface NewRelease {
  number: number;
  database: string;
  platform: string;
  /** The one before is kept until then (ISO 8601 UTC); without it, it goes. */
  keepUntil?: string | undefined;
}

/** What is known of a backup beside what its manifest says. */
export interface NewBackup {
  name: string;
  uri: string;
  platform: string;
  engine: string;
  version: string;
  description: string;
  kind: 'kept' | 'rotating' | 'safety';
  site: Pick<SiteContext, 'title' | 'profile' | 'language' | 'admin' | 'php' | 'aliases' | 'web'>;
  bytes: number;
}

/** What the commit of a task writes into the inventory, in one transaction with the task's outcome. */
export interface InventoryChange {
  site?: SiteUpdate | { removed: true };
  platform?:
    | (Partial<Pick<PlatformContext, 'docroot' | 'engine' | 'version' | 'profiles' | 'root' | 'managed'>> & {
        state?: 'ready' | 'failed';
        /** null unlocks. */
        lockReason?: string | null;
        packages?: PackageInfo[];
      })
    | { removed: true };
  server?: { services: ServerContext['services'] };
  /** A backup that was made and read back. */
  backup?: NewBackup;
  /** Names of backups that are no longer there. */
  forgetBackups?: string[];
}

/** What of a site changes; what is not named stays. */
export interface SiteUpdate {
  /** Becomes the current release. */
  release?: NewRelease;
  /** The release that the site could go back to is gone when the task has ended. */
  forgetKept?: true;
  state?: 'enabled' | 'disabled' | 'failed' | undefined;
  diskBytes?: number | undefined;
  packages?: PackageInfo[] | undefined;
  title?: string | undefined;
  php?: SiteContext['php'] | undefined;
  web?: SiteContext['web'] | undefined;
  /** All of its names. */
  names?: Pick<SiteContext, 'uri' | 'aliases'> | undefined;
  /** By name. */
  client?: string | undefined;
  /** How a task type runs by itself; see ScheduleChange. */
  schedules?: Record<string, { minutes?: number | undefined; args?: Record<string, Json> }> | undefined;
  /** null unlocks. */
  lockReason?: string | null | undefined;
}

/** A task type. `args` is the one home of its arguments: form, flags, help and protocol come from it. */
export interface TaskDefinition<K extends ObjectKind = ObjectKind, A extends z.ZodObject = z.ZodObject> {
  /** `site.install` */
  type: string;
  /** "Install" */
  title: string;
  /** One sentence for help pages. */
  summary: string;
  object: K;
  /** True when queueing makes the object's row (and a failed task removes it again). */
  creates?: boolean;
  /** True when nothing of the object is left by it: not even what an undo could not take away. */
  removes?: boolean;
  /** True when it changes nothing that web server and PHP are configured by: a server can be verified beside it. */
  leavesServices?: boolean;
  /** What a person must do before it is queued: nothing, say yes, or type the object's name. */
  danger: 'none' | 'confirm' | 'typed';
  /** What will be lost; shown where danger is not none. */
  loses?: string;
  args: A;
  /** Longest time of the whole task, in seconds. */
  timeLimitS: number;
  /** No side effects. Calls `problem` once for each thing that is wrong, so that all of them are seen. */
  validate(ctx: TaskContext<K, z.infer<A>>, io: StepIo, problem: Problem): Promise<void>;
  apply: Step<TaskContext<K, z.infer<A>>>[];
  commit(ctx: TaskContext<K, z.infer<A>>, result: Readonly<Record<string, Json>>): InventoryChange;
  /** What follows from the inventory; run forward again after a crash, never undone. */
  cleanUp: Step<TaskContext<K, z.infer<A>>>[];
}

/** Reports one thing that stands in the way of a task. */
export type Problem = (code: string, message: string, hint: string, field?: string) => void;

/** Gives a task definition its types; returns it unchanged. */
export function defineTask<K extends ObjectKind, A extends z.ZodObject>(
  task: TaskDefinition<K, A>,
): TaskDefinition<K, A> {
  return task;
}
