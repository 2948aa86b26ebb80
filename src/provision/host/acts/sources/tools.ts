import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { AegirError } from '../../../model/errors.ts';
import type { ActOptions } from '../../host.ts';
import { lastOutput, runCommand } from '../../local/exec.ts';
import { checkParents, checkPath, type Policy } from '../../policy.ts';

/** Checks that a folder is root's and empty: code is never fetched over existing files. */
export function checkEmptyFolder(policy: Policy, folder: string): void {
  checkPath(policy, folder);
  checkParents(policy, join(folder, 'entry'));
  if (readdirSync(folder).length > 0)
    throw new AegirError('FOLDER_EXISTS', `${folder} is not empty`, 'Remove it and try again.');
}

/**
 * Runs a command that must end with one of the exit codes `good` and returns its output lines. The result itself would keep only the end of a long
 * list.
 */
export async function must(file: string, args: string[], live: ActOptions, good = [0]): Promise<string[]> {
  const lines: string[] = [];
  const result = await runCommand({
    file,
    args,
    timeoutMs: 1_800_000,
    signal: live.signal,
    onLine(stream, line) {
      if (stream === 'stdout') lines.push(line);
      live.onLine?.(stream, line);
    },
  });
  if (good.includes(result.code)) return lines;
  live.signal?.throwIfAborted();
  const output = lastOutput(result);
  if (/ENOENT|not found/.test(result.stderr) && result.code === -1) {
    throw new AegirError('COMMAND_MISSING', `this machine has no ${file}`, `Install it: apt-get install ${file}`);
  }
  if (/No space left|disk full/i.test(output))
    throw new AegirError('DISK_FULL', `no space is left to unpack: ${output}`, 'Make room, then try again.');
  throw new AegirError(
    'UNPACK_FAILED',
    `${file} failed: ${output}`,
    'The archive or package is damaged; fetch it again.',
    'from',
  );
}
