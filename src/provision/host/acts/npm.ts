import { homedir } from 'node:os';
import { join } from 'node:path';
import { cleanText } from '../../model/clean-text.ts';
import { AegirError } from '../../model/errors.ts';
import type { CommandResult } from '../command-result.ts';
import type { ActOptions } from '../host.ts';
import { lastOutput, runCommand } from '../local/exec.ts';
import { reportGrowth } from './growth.ts';

/**
 * Downloads package archives, each given as NAME@VERSION, into a folder. npm knows the person's registry, proxy and
 * certificates, and checks the registry's checksum. Nothing is installed, since that differs between npm versions (9
 * accepts no `file:` in overrides, and the first releases of 8 know no overrides). Throws `COMMAND_MISSING`,
 * `DISK_FULL`, `DOWNLOAD_FAILED`, `NPM_FAILED`.
 */
export async function npmPack(packages: string[], into: string, live: ActOptions): Promise<void> {
  const own = Object.entries(process.env).filter(([name]) =>
    /^(PATH|HOME|https?_proxy|no_proxy|npm_config_.*)$/i.test(name),
  );
  const env = Object.fromEntries(own.map(([name, value]) => [name, value ?? '']));
  // By default npm retries for more than a minute before it reports that there is no network.
  const soon = ['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=4000'];
  const args = ['pack', ...packages, '--pack-destination', into, '--loglevel=error', '--no-update-notifier', ...soon];
  // stdout only lists the archives.
  const onLine: ActOptions['onLine'] = (stream, line) => void (stream === 'stderr' && live.onLine?.(stream, line));
  const result = await reportGrowth([npmPart(), into], live, () =>
    runCommand({ file: 'npm', args, cwd: '/', env, timeoutMs: 600_000, ...live, onLine }),
  );
  live.signal?.throwIfAborted();
  if (result.code !== 0) throw npmError(result);
}

/** The file that `npm pack` makes of a package. */
export const packedName = (name: string, version: string): string =>
  `${name.replace(/^@/, '').replace('/', '-')}-${version}.tgz`;

/** Where npm keeps partial downloads. If a configuration file moves its cache, no progress is seen. */
const npmPart = (): string => join(process.env.npm_config_cache ?? join(homedir(), '.npm'), '_cacache/tmp');

/** Error codes of npm when it reached no server: from libuv, its own fetch and TLS. */
const noNetwork =
  /^(ENOTFOUND|EAI_AGAIN|E(CONN|NET|HOST|SOCKET)[A-Z]*|ETIMEDOUT|EPROTO|EPIPE|ERR_(SOCKET|SSL|TLS)_\w+|FETCH_ERROR|\w*CERT\w*|UNABLE_TO_\w+)$/;
/** npm's code for an HTTP error of the registry: E and the status. */
const answered = /^E[45]\d\d$/;

/** The error of a failed npm. The network is blamed only where the network failed. */
export function npmError(result: CommandResult): AegirError {
  if (result.code === -1 && result.signal === undefined && !result.timedOut)
    return new AegirError('COMMAND_MISSING', 'this machine has no npm', 'It comes with Node.');
  const code = /^npm (?:error|ERR!) code (\S+)/m.exec(result.stderr)?.[1] ?? '';
  const why = npmErrorLines(result.stderr) || lastOutput(result);
  if (/\b(ENOSPC|EDQUOT)\b/.test(why))
    return new AegirError('DISK_FULL', `npm pack found no space left: ${why}`, 'Make room, then try again.');
  const message = `npm pack: ${why}`;
  if (noNetwork.test(code) || result.timedOut)
    return new AegirError('DOWNLOAD_FAILED', message, 'Check the network.', 'from');
  if (answered.test(code)) {
    const hint = 'This is the answer of the registry that npm is configured for: npm config get registry';
    return new AegirError('DOWNLOAD_FAILED', message, hint, 'from');
  }
  return new AegirError('NPM_FAILED', message, 'This is the error of npm itself; fix it and try again.', 'from');
}

/** npm's own error lines. Those that follow name npm's log file, which helps nobody here. */
function npmErrorLines(stderr: string): string {
  const lines = stderr.split('\n').map((line) => /^npm (?:error|ERR!) ?(.*)/.exec(line)?.[1]?.trim() ?? '');
  const end = lines.findIndex((line) => /^(A complete log|Log files were not|You can rerun)/.test(line));
  const message = (end === -1 ? lines : lines.slice(0, end)).filter((line) => line !== '');
  return message.slice(0, 3).map(cleanText).join(' / ');
}
