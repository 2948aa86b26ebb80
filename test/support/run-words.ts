import { vi } from 'vitest';
import { runCommandLine } from '../../src/cli/program.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import { VERSION } from '../../src/version.ts';

/** What a command has come to, as spawnSync() would say it. */
export interface Said {
  status: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs the words of a command line in this process, without a terminal: what a command says and comes to is asked for, and
 * a process of its own takes half a second of CPU to start. Where the process is what is tried, `runProgram` makes one.
 */
export async function runWordsHere(...words: string[]): Promise<Said> {
  const said = { stdout: '', stderr: '' };
  const catches = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name] += String(text);
      return true;
    }),
  );
  const terminal = Object.getOwnPropertyDescriptor(process.stdin, 'isTTY');
  Object.defineProperty(process.stdin, 'isTTY', { value: false, configurable: true });
  try {
    return { status: await runCommandLine(words, VERSION, standardProgram), ...said };
  } finally {
    for (const one of catches) one.mockRestore();
    if (terminal) Object.defineProperty(process.stdin, 'isTTY', terminal);
    else Reflect.deleteProperty(process.stdin, 'isTTY');
  }
}
