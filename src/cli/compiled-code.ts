import { enableCompileCache } from 'node:module';
import { compiledCode, thisBuild } from '../provision/host/local/build.ts';

/**
 * Compiled code of an earlier start is used again, from where nobody else can write: it is run as whoever starts this,
 * and neither /tmp nor the HOME that sudo may leave is theirs alone. Without such a folder the start only takes longer.
 */
export function keepCompiledCode(): void {
  try {
    enableCompileCache?.(compiledCode(thisBuild ?? 'sources'));
  } catch {
    // A user without an account has no home.
  }
}
