import { AegirError } from '../model/errors.ts';
import { archiveSource } from './archive.ts';
import { composerSource } from './composer.ts';
import { debianSource } from './debian.ts';
import { gitSource } from './git.ts';
import { npmSource } from './npm.ts';
import { pathSource } from './path.ts';
import type { NamedSource, Source } from './source.ts';

/** Every kind of source. */
export const sources: readonly Source[] = [
  pathSource,
  debianSource,
  archiveSource,
  npmSource,
  gitSource,
  composerSource,
];

/**
 * Parses a source given by a person. A plain absolute path means `path:`. Throws `SOURCE_UNKNOWN`, `SOURCE_INVALID`.
 */
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

/** The source of a kind that `parseSource` returned. */
export function sourceNamed(kind: string): Source {
  const source = sources.find((candidate) => candidate.kind === kind);
  if (source) return source;
  throw new AegirError('SOURCE_UNKNOWN', `there is no source "${kind}"`, 'See aegir platform add --help.', 'from');
}
