import type { CodePart } from '../engines/engine.ts';
import type { Engines } from '../engines/engines.ts';
import type { Host } from '../host/host.ts';
import type { Problem, WorkIo } from '../model/work-io.ts';

/** A parsed source: `debian:NAME/SUITE` has kind `debian` and rest `NAME/SUITE`. */
export interface NamedSource {
  kind: string;
  rest: string;
  /** The folder of a source that is used in place. */
  inPlace?: string;
}

/** Options of a source. */
export interface SourceOptions {
  /** Expected SHA-256 of an archive, hexadecimal; empty for none. */
  sha256: string;
  /** Which parts of a package are wanted, if not those that its engine names. */
  parts?: CodePart[];
  /** The server's PHP command line, for sources that are built. */
  php?: string[];
}

/** What fetching may use of a step's io. */
export interface FetchIo extends WorkIo {
  /** Which know the parts of some packages. */
  engines: Engines;
}

/** One kind of source of a platform's code. */
export interface Source {
  kind: string;
  /** For help: `debian:PACKAGE[/SUITE]`. */
  form: string;
  /** Parses what follows the kind. Throws `SOURCE_INVALID`. */
  parse(rest: string): NamedSource;
  /** Reports problems, without side effects. */
  check(host: Host, source: NamedSource, options: SourceOptions, problem: Problem): Promise<void>;
  /** Fills an empty root-owned folder (absolute path) with the code. A source used in place has nothing to fetch. */
  fetch(host: Host, source: NamedSource, into: string, options: SourceOptions, io: FetchIo): Promise<void>;
}
