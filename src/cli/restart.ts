import { existsSync } from 'node:fs';
import { programOnDisk } from '../provision/host/local/build.ts';

/**
 * Replaces this process by the build on disk (execve(2)). Process id, terminal and systemd unit stay the same; memory is
 * lost, so everything must be written and closed before. Returns false if there is no such build, or if this Node has no
 * execve.
 */
export function restartAsNewBuild(args: readonly string[]): boolean {
  const program = programOnDisk();
  // If execve(2) fails, Node ends the process, so this is checked before.
  if (!process.execve || !program || !existsSync(program.node) || !existsSync(program.script)) return false;
  return process.execve(program.node, [program.node, program.script, ...args], process.env);
}
