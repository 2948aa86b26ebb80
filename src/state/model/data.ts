import type { BackupLine, BackupList } from '../../db/backup-lines.ts';
import type { BackupRow } from '../../db/backups.ts';
import type { StepRow } from '../../db/journal.ts';
import type { TaskLine } from '../../db/lists.ts';
import type { PlatformLine } from '../../db/platforms.ts';
import type { KeptRelease } from '../../db/releases.ts';
import type { Schedule } from '../../db/schedules.ts';
import type { ServerRow } from '../../db/servers.ts';
import type { SiteList } from '../../db/site-lines.ts';
import type { SiteRow } from '../../db/sites.ts';
import type { TaskRow } from '../../db/tasks.ts';
import type { KeptComparison, PlatformComparison } from '../../worker/compare.ts';
import type { SiteFiles } from '../../worker/site-files.ts';
import { emptyLogData, type LogData, type SiteLog } from './log.ts';

/** What is known of a site beside its row. */
export interface SiteMore {
  schedules: readonly Schedule[];
  lastCron: TaskRow | undefined;
  /** The release that it can go back to. */
  kept: KeptRelease | undefined;
  /** None before the task types are loaded. */
  files: SiteFiles | undefined;
}

/** What live queries read. What a page does not show is kept as it was last read. */
export interface Data {
  /** Counts reads; a new number means that something may have changed. */
  generation: number;
  counts: { sites: number; platforms: number };
  servers: ServerRow[];
  /** Tasks that run; how many wait for their turn, or to be taken up again. */
  running: TaskLine[];
  waiting: number;
  sites: SiteList;
  /** The newest task of each site by its URI, as "verify failed"; read while a filter asks for it. */
  siteTasks: { revision: string; states: ReadonlyMap<string, string> };
  platforms: PlatformLine[];
  tasks: TaskLine[];
  backups: BackupList;
  /** Of the object that the page is about. */
  site: SiteRow | undefined;
  /** What else is known of it. */
  siteMore: SiteMore;
  platform: PlatformLine | undefined;
  task: TaskRow | undefined;
  backup: BackupRow | undefined;
  steps: StepRow[];
  /** Those of the platform that the page is about. */
  objectSites: SiteList;
  objectTasks: TaskLine[];
  objectBackups: BackupLine[];
  comparison: PlatformComparison | undefined;
  /** What that was made of. */
  compared: KeptComparison | undefined;
  /** Newest task of each object on the screen. */
  lastTasks: ReadonlyMap<string, TaskLine>;
  siteLogs: readonly SiteLog[];
  log: LogData;
  /** What kinds of pages read for themselves alone, by their key: see `pages/own-data.ts`. */
  own: ReadonlyMap<object, unknown>;
}

const noSites: SiteList = { platform: undefined, revision: -1, lines: [] };

/** Before anything was read. */
export const emptyData: Data = {
  generation: 0,
  counts: { sites: 0, platforms: 0 },
  servers: [],
  running: [],
  waiting: 0,
  sites: noSites,
  siteTasks: { revision: '', states: new Map() },
  platforms: [],
  tasks: [],
  backups: { revision: -1, lines: [] },
  site: undefined,
  siteMore: { schedules: [], lastCron: undefined, kept: undefined, files: undefined },
  platform: undefined,
  task: undefined,
  backup: undefined,
  steps: [],
  objectSites: noSites,
  objectTasks: [],
  objectBackups: [],
  comparison: undefined,
  compared: undefined,
  lastTasks: new Map(),
  siteLogs: [],
  log: emptyLogData,
  own: new Map(),
};

/** How many tasks a list holds at most, newest first. */
export const MOST_TASKS = 10_000;
