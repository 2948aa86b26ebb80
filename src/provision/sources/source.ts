import type { CodePart } from '../engines/engine.ts';
import { AegirError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import type { Problem, StepIo } from '../task.ts';
import { archiveSource } from './archive.ts';
import { composerSource } from './composer.ts';
import { debianSource } from './debian.ts';
import { gitSource } from './git.ts';
import { npmSource } from './npm.ts';
import { pathSource } from './path.ts';

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

/** Every kind of source. */
export const sources: readonly Source[] = [
  pathSource,
  debianSource,
  archiveSource,
  npmSource,
  gitSource,
  composerSource,
];

/** Reads a source as a person names it. A plain absolute path means `path:`. Throws `SOURCE_UNKNOWN`, `SOURCE_INVALID`. */
export function parseSource(text: string): NamedSource {
  const [, kind, rest] = /^(?:([a-z]+):)?(.*)$/s.exec(text.trim()) ?? [];
  if (kind === undefined && rest?.startsWith('/')) return pathSource.parse(rest);
  const source = sources.find((candidate) => candidate.kind === kind);
  if (!source) {
    const forms = sources.map((candidate) => candidate.form).join(', ');
    throw new AegirError('SOURCE_UNKNOWN', `"${text}" is not a source of code`, `Use one of: ${forms}.`, 'from');
  }
  return source.parse(rest ?? '');
}

/** The source of a kind that `parseSource` has named. */
export function sourceNamed(kind: string): Source {
  const source = sources.find((candidate) => candidate.kind === kind);
  if (source) return source;
  throw new AegirError('SOURCE_UNKNOWN', `there is no source "${kind}"`, 'See aegir platform add --help.', 'from');
}
