import { existsSync } from 'node:fs';
import { programOnDisk } from '../provision/host/local/build.ts';

/**
 * Goes on as the program that is on disk, in this process (execve(2)): process id, terminal and unit stay, nothing of
 * what was in memory does. Everything that is to last must be written and closed before. Returns, with false, where
 * that cannot be: there is no such program, or Node has no execve.
 */
export function goOnAsNew(words: readonly string[]): boolean {
  const program = programOnDisk();
  // Where execve(2) fails, Node ends the process.
  if (!process.execve || !program || !existsSync(program.node) || !existsSync(program.script)) return false;
  return process.execve(program.node, [program.node, program.script, ...words], process.env);
}
