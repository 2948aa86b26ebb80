import { AegirError } from '../model/errors.ts';
import type { NamedSource, Source } from './source.ts';

/** The kinds of sources of a program. */
export interface Sources {
  readonly list: readonly Source[];
  /**
   * Parses a source given by a person. A plain absolute path means `path:`. Throws `SOURCE_UNKNOWN`, `SOURCE_INVALID`.
   */
  parse(text: string): NamedSource;
  /** The source of a kind that `parse` returned. Throws `SOURCE_UNKNOWN`. */
  of(source: Pick<NamedSource, 'kind'>): Source;
}

/** The kinds of sources of a program. */
export function makeSources(list: readonly Source[]): Sources {
  const known = (kind: string | undefined): Source | undefined => list.find((candidate) => candidate.kind === kind);
  return {
    list,
    parse(text) {
      const [, kind, rest = ''] = /^(?:([a-z]+):)?(.*)$/s.exec(text.trim()) ?? [];
      const source = known(kind ?? (rest.startsWith('/') ? 'path' : undefined));
      if (source) return source.parse(rest);
      const forms = list.map((candidate) => candidate.form).join(', ');
      throw new AegirError('SOURCE_UNKNOWN', `"${text}" is not a source of code`, `Use one of: ${forms}.`, 'from');
    },
    of({ kind }) {
      const source = known(kind);
      if (source) return source;
      throw new AegirError('SOURCE_UNKNOWN', `there is no source "${kind}"`, 'See aegir platform add --help.', 'from');
    },
  };
}
