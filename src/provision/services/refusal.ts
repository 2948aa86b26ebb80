import type { Host } from '../host/host.ts';
import { cleanText } from '../model/clean-text.ts';
import { AegirError } from '../model/errors.ts';
import { generatedNotice } from '../model/generated-file.ts';

/** A daemon's error message when it refused its configuration, and the file that it names. */
export interface Refusal {
  daemon: string;
  message: string;
  file: string | undefined;
  /** The command that shows the same message. */
  command: string;
}

/**
 * The error for a configuration that a daemon refuses. If the faulty file was not written by this program, the hint
 * says so, since only editing that file helps.
 */
export async function configRefused(
  host: Host,
  { daemon, message: output, file, command }: Refusal,
): Promise<AegirError> {
  const theirs = file !== undefined && !(await isGenerated(host, file));
  const where = theirs
    ? `${file} was not written by this program: correct it, then try again.`
    : 'Nothing was reloaded.';
  const message = `${daemon} refuses the configuration: ${cleanText(output)}`;
  return new AegirError('CONFIG_REFUSED', message, `${where} To see this message yourself: ${command}`);
}

async function isGenerated(host: Host, file: string): Promise<boolean> {
  const start = (await host.readText(file, 1024)) ?? '';
  return start.split('\n', 1)[0]?.includes(generatedNotice) === true;
}
