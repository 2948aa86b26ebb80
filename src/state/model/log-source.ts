import type { Soon } from '../../provision/host/host.ts';
import type { RootPaths } from '../../provision/model/paths.ts';
import type { LogLevel } from '../../provision/model/work-io.ts';
import type { LogLine } from '../../provision/tasks/model/task.ts';

/**
 * Lines of a log by their place: whole numbers without gaps, in the order of the file. What is read first has its
 * place for good; older lines that are found later get places below it, so places may be negative. `raw` and `work` throw
 * `NotYetRead` (log/not-yet.ts) where the bytes that they need are on their way from a host elsewhere.
 */
export interface LogLines {
  /** Place of the oldest line that is known. */
  first(): number;
  /** One more than the place of the newest line. */
  end(): number;
  /** False while lines before the first may still be found. */
  whole(): boolean;
  /** The lines `from` up to, not including, `to`, as they stand in the file. */
  raw(from: number, to: number): string[];
  /** The number of the line at a place: a line has the same one in every list of its log. */
  numberAt(place: number): number;
  /** The place of a line; of the next one after it where the list leaves it out. */
  placeOf(number: number): number;
  /** Does a few milliseconds of what is left to be found; true while there is more. */
  work(): boolean;
}

/** A log in files that grow. In it a line's number is its place. */
export interface LogSource extends LogLines {
  format: LogFormat;
  /** Takes notice of what was written since the last time; true when anything was. */
  refresh(): Soon<boolean>;
  /** Why there is nothing to read; '' when there is. */
  problem(): string;
  close(): void;
}

/** A log that can be opened, and the file of this machine that is watched for its growth. */
export interface LogFile {
  file: string;
  open(): LogSource;
}

/** What a page finds its log with. */
export interface LogFiles {
  paths: RootPaths;
  /** The log of a task by its number, which may not have begun yet. */
  ofTask(id: number): LogFile;
  /** A text file of the server by its path, which may be rotated, emptied or gone. */
  ofText(path: string): LogFile;
}

/** How the lines of a kind of log are written. */
export interface LogFormat {
  /** A line as it is shown. */
  parse(raw: string): LogLine;
  level(raw: string): LogLevel;
  /** True when a line goes on with what the one before it says: a stack trace below its error. */
  goesOn(raw: string): boolean;
  /** All that a line says, without what a terminal would obey: what is searched and copied. */
  text(raw: string): string;
  /** A line as it is saved. */
  saved(raw: string): string;
  /** How a text that is searched for stands in a line of the file. */
  written(wanted: string): string;
}

/** Lines that are read in one go: a few milliseconds. */
export const PIECE = 2000;
/** Bytes of one line that are read at most. */
export const LONGEST = 32 * 1024;
