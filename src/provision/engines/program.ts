import type { CommandResult } from '../host/command-result.ts';
import type { Host } from '../host/host.ts';
import { type SiteContext, sitePaths } from '../model/context.ts';
import { AegirError, type Json } from '../model/errors.ts';
import { mailSettings } from '../services/php/mail.ts';
import { phpDriver } from '../services/php/php-driver.ts';
import { publishProgram } from '../services/programs.ts';
import { dbDriver } from '../services/registry.ts';
import type { Program } from './engine.ts';

/** What running a program needs of the task. */
export interface ProgramIo {
  signal: AbortSignal;
  line(stream: 'stdout' | 'stderr', text: string): void;
}

/** Code that programs of all engines load. */
const shared = ['program.php', 'replace.php'];

/** Code that every program of one engine loads. */
const boot = 'boot.php';

/** What PHP on the command line may use; an installer needs more than a page. */
const MEMORY = '512M';

/**
 * Runs one of an engine's PHP programs as the site's own user: arguments as JSON on standard input, one JSON line
 * as the answer. Exit codes are not believed, because installers print an HTML page and end with 0: only the
 * answer counts. Throws `PROGRAM_FAILED` with what the program said last, `PROGRAM_KILLED` when it was ended by others.
 */
export async function runProgram(
  host: Host,
  site: SiteContext,
  engine: string,
  program: Program,
  io: ProgramIo,
): Promise<Record<string, Json>> {
  const file = await installProgram(host, site, engine, program.file);
  const { tmp } = sitePaths(site);
  const [php = '', ...before] = phpDriver(site.server).commandLine(site.server);
  const options = [
    `memory_limit=${MEMORY}`,
    'display_errors=stderr',
    'log_errors=0',
    // Not used here; where it is on, SPIP waits three seconds for the caches of pages, which look at each file anyway.
    'opcache.enable=0',
    `sys_temp_dir=${tmp}`,
    `upload_tmp_dir=${tmp}`,
    `session.save_path=${tmp}`,
    ...Object.entries({ ...dbDriver(site.server).phpSettings(site.server), ...mailSettings(site) }).map(
      ([name, value]) => `${name}=${value}`,
    ),
  ].flatMap((option) => ['-d', option]);
  let answer: Record<string, Json> | undefined;
  const said: string[] = [];
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
      input: JSON.stringify(program.input),
      onLine(stream, line) {
        const found = stream === 'stdout' ? answerIn(line) : undefined;
        if (found) answer = found;
        else if (line.trim() !== '') {
          said.push(line);
          io.line(stream, line);
        }
      },
    },
  );
  if (host.planning) return {};
  io.signal.throwIfAborted();
  // Lines are cut for the log; an answer is read whole.
  answer = lastAnswer(result) ?? answer;
  if (answer?.ok === true) return answer;
  throw failure(program, result, answer, said);
}

/** Puts a program with what it loads where every site's user can read it. */
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

/** That a program did not do its work, which may be the fault of its CMS. */
export const isProgramFailure = (error: unknown): error is AegirError =>
  error instanceof AegirError && error.code === 'PROGRAM_FAILED';

/** That it did not, or was not let. */
export const hasNoAnswer = (error: unknown): error is AegirError =>
  isProgramFailure(error) || (error instanceof AegirError && error.code === 'PROGRAM_KILLED');

function failure(
  program: Program,
  result: CommandResult,
  answer: Record<string, Json> | undefined,
  said: string[],
): AegirError {
  const killed = !result.timedOut && !answer && (result.signal === 'SIGKILL' || result.signal === 'SIGTERM');
  if (killed)
    return new AegirError(
      'PROGRAM_KILLED',
      `${program.file} was ended from outside by ${result.signal}`,
      'The kernel does so when memory runs out (`dmesg` tells). Run the task again.',
    );
  const ending = result.timedOut
    ? `took longer than ${program.seconds} seconds`
    : result.signal
      ? `was ended by ${result.signal}`
      : `ended with code ${result.code}`;
  const words = answer?.error ?? (said.slice(-3).join(' / ') || 'it said nothing');
  return new AegirError(
    'PROGRAM_FAILED',
    `${program.file} ${answer ? 'failed' : ending}: ${String(words)}`,
    'The lines before this one in the log are its own words.',
  );
}
