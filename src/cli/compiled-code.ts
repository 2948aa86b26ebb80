import { enableCompileCache } from 'node:module';
import { compiledCode, thisBuild } from '../provision/host/local/build.ts';

/**
 * Caches compiled code for the next start, in a folder where nobody else can write, since the code runs as this user:
 * other users can write to /tmp, and sudo may leave another user's HOME. Without a folder the start only takes longer.
 */
export function keepCompiledCode(): void {
  try {
    enableCompileCache?.(compiledCode(thisBuild ?? 'sources'));
  } catch {
    // A user without an account has no home directory.
  }
}
