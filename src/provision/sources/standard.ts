import { archiveSource } from './archive.ts';
import { composerSource } from './composer.ts';
import { debianSource } from './debian.ts';
import { gitSource } from './git.ts';
import { npmSource } from './npm.ts';
import { pathSource } from './path.ts';
import type { Source } from './source.ts';

/** The kinds of sources of the program. */
export const standardSources: readonly Source[] = [
  pathSource,
  debianSource,
  archiveSource,
  npmSource,
  gitSource,
  composerSource,
];
