import type { LogLine } from '../../provision/tasks/model/task.ts';

/** How a log is looked at. Lines are known by place and number: see log-source.ts. */
export interface LogView {
  /** Place of the line that keys act on; undefined while the log follows its end. */
  cursor: number | undefined;
  /** Place of the first line on the screen, while it does not follow. */
  top: number;
  /** How far the log went when following stopped: the number behind its last line. */
  seen: number;
  filter: LogFilter;
  /** Number of the line from which on the filter looks; undefined: from the end. */
  anchor: number | undefined;
  /** The log alone, without the steps of its task. */
  whole: boolean;
  search: string;
  /** Numbers of the marked lines. */
  marks: ReadonlySet<number>;
}

/** How the lines of a log are drawn: kept for the next one that is looked at alike. */
export interface LogLook {
  wrap: boolean;
  timestamps: boolean;
}

/** A line of the log on the screen. */
export interface ShownLogLine extends LogLine {
  number: number;
}

/** What is known of the log on the screen, with the lines that are in sight. Places are those of its filter. */
export interface LogData {
  first: number;
  end: number;
  /** False while older lines are being looked for. */
  whole: boolean;
  /** Lines that the log has in all, and the number behind the last of them. */
  total: number;
  last: number;
  /** Shown lines that came since following stopped. */
  fresh: number;
  from: number;
  lines: readonly ShownLogLine[];
  /** Why there is nothing to show. */
  problem: string;
}

/** A log as it is first looked at. */
export const emptyLog: LogView = {
  cursor: undefined,
  top: 0,
  seen: 0,
  filter: 'all',
  anchor: undefined,
  whole: false,
  search: '',
  marks: new Set(),
};

export const emptyLogData: LogData = {
  first: 0,
  end: 0,
  whole: true,
  total: 0,
  last: 0,
  fresh: 0,
  from: 0,
  lines: [],
  problem: '',
};

/** Which lines of a log are shown. */
export type LogFilter = 'all' | 'warnings' | 'errors';

/** A plain name, so that none can lead out of the site's folder. */
export const plainLog = /^[\w-][\w.-]*\.log$/;

/** A log that the services write for a site. */
export interface SiteLog {
  uri: string;
  file: string;
  bytes: number;
  /** ISO 8601 UTC. */
  changedAt: string;
}

/** The name of the page of a log: a URI holds no space. */
export const logPageName = ({ uri, file }: Pick<SiteLog, 'uri' | 'file'>): string => `${uri} ${file}`;
