import type { CodePart } from '../engines/engine.ts';
import type { Host } from '../host/host.ts';
import type { Problem, StepIo } from '../tasks/model/task.ts';

/** A source as it was named: `debian:NAME/SUITE` is kind `debian`, rest `NAME/SUITE`. */
export interface NamedSource {
  kind: string;
  rest: string;
  /** The folder of a source that is used where it is. */
  inPlace?: string;
}

/** What a source may be told beside its name. */
export interface SourceOptions {
  /** Expected SHA-256 of an archive, hexadecimal; empty for none. */
  sha256: string;
  /** Which parts of a package are meant, where not those that its engine names. */
  parts?: CodePart[];
  /** PHP of the server for the command line, for what is built. */
  php?: string[];
}

/** What fetching may use of the running step. */
export type FetchIo = Pick<StepIo, 'signal' | 'log' | 'line' | 'progress'>;

/** One kind of place where the code of a platform comes from. */
export interface Source {
  kind: string;
  /** For help: `debian:PACKAGE[/SUITE]`. */
  form: string;
  /** Checks the form of what follows the kind. Throws `SOURCE_INVALID`. */
  parse(rest: string): NamedSource;
  /** Finds what stands in the way, without side effects. */
  check(host: Host, source: NamedSource, options: SourceOptions, problem: Problem): Promise<void>;
  /** Fills an empty folder of root's, absolute, with the code. A source that is used in place has nothing to fetch. */
  fetch(host: Host, source: NamedSource, into: string, options: SourceOptions, io: FetchIo): Promise<void>;
}
