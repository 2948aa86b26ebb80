import { homedir } from 'node:os';
import { join } from 'node:path';
import { cleanText } from '../../model/clean-text.ts';
import { AegirError } from '../../model/errors.ts';
import type { CommandResult } from '../command-result.ts';
import type { ActOptions } from '../host.ts';
import { lastWords, runCommand } from '../local/exec.ts';
import { tellGrowth } from './growth.ts';

/**
 * Downloads the archives of packages, each as NAME@VERSION, into a folder: npm itself knows the person's registry, proxy
 * and certificates, and compares the sum that the registry announces. Nothing is installed: how npm does that differs
 * from version to version (9 takes no `file:` among overrides, and the first of 8 know none). Throws `COMMAND_MISSING`,
 * `DISK_FULL`, `DOWNLOAD_FAILED`, `NPM_FAILED`.
 */
export async function npmPack(packages: string[], into: string, live: ActOptions): Promise<void> {
  const own = Object.entries(process.env).filter(([name]) =>
    /^(PATH|HOME|https?_proxy|no_proxy|npm_config_.*)$/i.test(name),
  );
  const env = Object.fromEntries(own.map(([name, value]) => [name, value ?? '']));
  // Left to itself npm waits a minute and more before it says that there is no network.
  const soon = ['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=4000'];
  const args = ['pack', ...packages, '--pack-destination', into, '--loglevel=error', '--no-update-notifier', ...soon];
  // On its standard output it lists the archives, which nobody asked for.
  const onLine: ActOptions['onLine'] = (stream, line) => void (stream === 'stderr' && live.onLine?.(stream, line));
  const result = await tellGrowth([npmPart(), into], live, () =>
    runCommand({ file: 'npm', args, cwd: '/', env, timeoutMs: 600_000, ...live, onLine }),
  );
  live.signal?.throwIfAborted();
  if (result.code !== 0) throw npmError(result);
}

/** The file that `npm pack` makes of a package. */
export const packedName = (name: string, version: string): string =>
  `${name.replace(/^@/, '').replace('/', '-')}-${version}.tgz`;

/** Where npm keeps what it has not got whole yet; where it was told otherwise by a file, no progress is seen. */
const npmPart = (): string => join(process.env.npm_config_cache ?? join(homedir(), '.npm'), '_cacache/tmp');

/** Codes with which npm says that it reached nobody: of libuv, of its own fetch, and of TLS. */
const noNetwork =
  /^(ENOTFOUND|EAI_AGAIN|E(CONN|NET|HOST|SOCKET)[A-Z]*|ETIMEDOUT|EPROTO|EPIPE|ERR_(SOCKET|SSL|TLS)_\w+|FETCH_ERROR|\w*CERT\w*|UNABLE_TO_\w+)$/;
/** An answer of the registry: E and a status of HTTP. */
const answered = /^E[45]\d\d$/;

/** What a failed npm said, in our words: the network is only blamed where it is the network. */
export function npmError(result: CommandResult): AegirError {
  if (result.code === -1 && result.signal === undefined && !result.timedOut)
    return new AegirError('COMMAND_MISSING', 'this machine has no npm', 'It comes with Node.');
  const code = /^npm (?:error|ERR!) code (\S+)/m.exec(result.stderr)?.[1] ?? '';
  const why = firstWords(result.stderr) || lastWords(result);
  if (/\b(ENOSPC|EDQUOT)\b/.test(why))
    return new AegirError('DISK_FULL', `npm pack found no space left: ${why}`, 'Make room, then try again.');
  const said = `npm pack: ${why}`;
  if (noNetwork.test(code) || result.timedOut)
    return new AegirError('DOWNLOAD_FAILED', said, 'Check the network.', 'from');
  if (answered.test(code)) {
    const hint = 'The registry that npm is set up for has answered so: npm config get registry';
    return new AegirError('DOWNLOAD_FAILED', said, hint, 'from');
  }
  return new AegirError('NPM_FAILED', said, 'That is what npm itself says; mend it and try again.', 'from');
}

/** What npm says is wrong. It ends with where it keeps its own log, which helps nobody here. */
function firstWords(stderr: string): string {
  const lines = stderr.split('\n').map((line) => /^npm (?:error|ERR!) ?(.*)/.exec(line)?.[1]?.trim() ?? '');
  const end = lines.findIndex((line) => /^(A complete log|Log files were not|You can rerun)/.test(line));
  const said = (end === -1 ? lines : lines.slice(0, end)).filter((line) => line !== '');
  return said.slice(0, 3).map(cleanText).join(' / ');
}
