import type { Host } from '../host/host.ts';
import { cleanText } from '../model/clean-text.ts';
import { AegirError } from '../model/errors.ts';
import { generatedNotice } from '../model/generated-file.ts';

/** What a daemon said when it refused its configuration: its own words, and the file that it names. */
export interface Refusal {
  daemon: string;
  words: string;
  file: string | undefined;
  /** The command with which a person sees the same. */
  command: string;
}

/**
 * The error for a configuration that a daemon refuses. Where the fault lies in a file that this program did not
 * write, the hint says so: nothing else would help.
 */
export async function configRefused(host: Host, { daemon, words, file, command }: Refusal): Promise<AegirError> {
  const theirs = file !== undefined && !(await isGenerated(host, file));
  const where = theirs ? `${file} was not written by this program: mend it, then try again.` : 'Nothing was reloaded.';
  const message = `${daemon} refuses the configuration: ${cleanText(words)}`;
  return new AegirError('CONFIG_REFUSED', message, `${where} The same by hand: ${command}`);
}

async function isGenerated(host: Host, file: string): Promise<boolean> {
  const start = (await host.readText(file, 1024)) ?? '';
  return start.split('\n', 1)[0]?.includes(generatedNotice) === true;
}
