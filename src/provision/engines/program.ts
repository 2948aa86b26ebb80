import type { CommandResult } from '../host/command-result.ts';
import type { Host } from '../host/host.ts';
import { type SiteContext, sitePaths } from '../model/context.ts';
import { AegirError, type Json } from '../model/errors.ts';
import { mailSettings } from '../services/php/mail.ts';
import { publishProgram } from '../services/programs.ts';
import type { Services } from '../services/services.ts';
import type { PhpProgram } from './engine.ts';

/** The parts of a task's io that running a program needs. */
export interface ProgramIo {
  services: Services;
  signal: AbortSignal;
  line(stream: 'stdout' | 'stderr', text: string): void;
}

/** Code that the programs of all engines load. */
const shared = ['program.php', 'replace.php'];

/** Code that all programs of one engine load. */
const boot = 'boot.php';

/** PHP's memory limit on the command line; an installer needs more than a page. */
const MEMORY = '512M';

/**
 * Runs one of an engine's PHP programs as the site's own user: arguments as JSON on standard input, one JSON line as
 * the answer. Exit codes are ignored, because installers print an HTML page and exit with 0. Throws `PROGRAM_FAILED`
 * with the program's last output, `PROGRAM_KILLED` if it was killed from outside.
 */
export async function runProgram(
  host: Host,
  site: SiteContext,
  engine: string,
  program: PhpProgram,
  io: ProgramIo,
): Promise<Record<string, Json>> {
  const file = await installProgram(host, site, engine, program.file);
  const { tmp } = sitePaths(site);
  const [php = '', ...before] = io.services.php(site.server).commandLine(site.server);
  const options = [
    `memory_limit=${MEMORY}`,
    'display_errors=stderr',
    'log_errors=0',
    // Not needed here; if enabled, SPIP waits three seconds for page caches, which check each file anyway.
    'opcache.enable=0',
    `sys_temp_dir=${tmp}`,
    `upload_tmp_dir=${tmp}`,
    `session.save_path=${tmp}`,
    ...Object.entries({ ...io.services.db(site.server).phpSettings(site.server), ...mailSettings(site) }).map(
      ([name, value]) => `${name}=${value}`,
    ),
  ].flatMap((option) => ['-d', option]);
  let answer: Record<string, Json> | undefined;
  const output: string[] = [];
  const result = await host.act(
    'user.run',
    {
      user: site.handle,
      file: php,
      args: [...before, ...options, file],
      cwd: program.cwd,
      env: { TMPDIR: tmp },
      timeoutMs: program.seconds * 1000,
    },
    {
      signal: io.signal,
      input: JSON.stringify({ url: io.services.url(site), ...program.input }),
      onLine(stream, line) {
        const found = stream === 'stdout' ? answerIn(line) : undefined;
        if (found) answer = found;
        else if (line.trim() !== '') {
          output.push(line);
          io.line(stream, line);
        }
      },
    },
  );
  if (host.planning) return {};
  io.signal.throwIfAborted();
  // Lines are cut for the log, but the answer is parsed whole.
  answer = lastAnswer(result) ?? answer;
  if (answer?.ok === true) return answer;
  throw failure(program, result, answer, output);
}

/** Installs a program and the files it loads where every site's user can read them. */
async function installProgram(host: Host, site: SiteContext, engine: string, file: string): Promise<string> {
  for (const name of shared) await publishProgram(host, site.server, 'common', name);
  if (engine !== 'common') await publishProgram(host, site.server, engine, boot);
  return publishProgram(host, site.server, engine, file);
}

function answerIn(line: string): Record<string, Json> | undefined {
  if (!line.startsWith('{"aegir":1,')) return undefined;
  try {
    return JSON.parse(line) as Record<string, Json>;
  } catch {
    return undefined;
  }
}

const lastAnswer = (result: CommandResult): Record<string, Json> | undefined =>
  result.stdout
    .split('\n')
    .reverse()
    .map(answerIn)
    .find((answer) => answer !== undefined);

/** True if a program reported a failure, for which its CMS may be to blame. */
export const isProgramFailure = (error: unknown): error is AegirError =>
  error instanceof AegirError && error.code === 'PROGRAM_FAILED';

/** True if it failed, or was killed. */
export const hasNoAnswer = (error: unknown): error is AegirError =>
  isProgramFailure(error) || (error instanceof AegirError && error.code === 'PROGRAM_KILLED');

function failure(
  program: PhpProgram,
  result: CommandResult,
  answer: Record<string, Json> | undefined,
  output: string[],
): AegirError {
  const killed = !result.timedOut && !answer && (result.signal === 'SIGKILL' || result.signal === 'SIGTERM');
  if (killed)
    return new AegirError(
      'PROGRAM_KILLED',
      `${program.file} was ended from outside by ${result.signal}`,
      'The kernel does that when memory runs out (see `dmesg`). Run the task again.',
    );
  const ending = result.timedOut
    ? `took longer than ${program.seconds} seconds`
    : result.signal
      ? `was ended by ${result.signal}`
      : `exited with code ${result.code}`;
  const reason = answer?.error ?? (output.slice(-3).join(' / ') || 'it printed nothing');
  return new AegirError(
    'PROGRAM_FAILED',
    `${program.file} ${answer ? 'failed' : ending}: ${String(reason)}`,
    'The lines before this one in the log are its output.',
  );
}
