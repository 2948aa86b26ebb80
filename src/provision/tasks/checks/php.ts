import type { Engine } from '../../engines/engine.ts';
import { byVersion } from '../../model/by-version.ts';
import { phpBranches, type ServerContext } from '../../model/context.ts';
import { AegirError } from '../../model/errors.ts';

/** The branch of PHP for a platform: the requested one, or the newest that its engine supports. Throws `PHP_UNFIT`. */
export function phpFor(server: ServerContext, engine: Engine, wanted: string): string {
  const branches = phpBranches(server.services);
  if (wanted === '') return branches.find((branch) => supports(engine, branch)) ?? branches[0] ?? '';
  if (supports(engine, wanted)) return wanted;
  throw new AegirError('PHP_UNFIT', `${engine.title} does not run on PHP ${wanted}`, phpNeeded(engine), 'php');
}

/** True if an engine supports a version or branch of PHP. */
export const supports = ({ needs: { phpMin, phpMax } }: Engine, version: string): boolean =>
  byVersion(version, phpMin) >= 0 && (phpMax === undefined || byVersion(version, phpMax) <= 0);

/** The versions of PHP that an engine supports, as a sentence. */
export const phpNeeded = ({ title, needs: { phpMin, phpMax } }: Engine): string =>
  `${title} needs ${phpMax === undefined ? `${phpMin} or newer` : `${phpMin} to ${phpMax}`}.`;
