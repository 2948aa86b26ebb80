import { accessSync, constants } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import type { Host } from '../provision/host/host.ts';
import { lastOutput, runCommand } from '../provision/host/local/exec.ts';
import type { ServiceContext } from '../provision/model/context.ts';
import { AegirError, describeError } from '../provision/model/errors.ts';
import type { RootPaths } from '../provision/model/paths.ts';
import { WASM } from './wasm-packages.ts';

/** Output of the creation of a trial: lines, and the progress of a download; and a signal that aborts it. */
export interface Tell {
  say(text: string): void;
  progress(done: number, total: number, unit: string): void;
  signal?: AbortSignal;
}

/** Extensions that a local PHP needs for a site with SQLite. */
const NEEDED = ['pdo_sqlite', 'mbstring', 'xml'];

export type PhpChoice = 'local' | 'wasm';

/** A local PHP: where it is, its version, and which required extensions it lacks. */
export interface LocalPhp {
  binary: string;
  fpm: string;
  version: string;
  lacks: string[];
}

/** The PHP in the person's PATH, with PHP-FPM of the same version if installed. */
export async function findLocalPhp(env: NodeJS.ProcessEnv = process.env): Promise<LocalPhp | undefined> {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder.startsWith('/'));
  const binary = findProgram(folders, ['php', 'php8.5', 'php8.4', 'php8.3', 'php8.2', 'php8.1', 'php8.0', 'php7.4']);
  if (!binary) return undefined;
  const code = 'echo json_encode([PHP_VERSION, array_map("strtolower", get_loaded_extensions())]);';
  const asked = await runCommand({ file: binary, args: ['-r', code], timeoutMs: 10_000 });
  if (asked.code !== 0) return undefined;
  const [version, extensions] = JSON.parse(asked.stdout.split('\n').at(-1) || asked.stdout) as [string, string[]];
  const branch = version.split('.').slice(0, 2).join('.');
  // An ordinary user's PATH does not contain the daemons' folders.
  const daemons = [...folders, join(dirname(dirname(binary)), 'sbin'), '/usr/sbin', '/usr/local/sbin'];
  const fpm = findProgram(daemons, [`php-fpm${branch}`, 'php-fpm']) ?? '';
  return {
    binary,
    fpm: fpm !== '' && (await sameBranch(fpm, branch)) ? fpm : '',
    version,
    lacks: NEEDED.filter((name) => !extensions.includes(name)),
  };
}

/**
 * The PHP service of a trial: a local PHP with everything sites need, otherwise PHP in WebAssembly, whose packages are
 * downloaded. Throws `PHP_UNFIT` if the requested one is not possible, `DOWNLOAD_FAILED`.
 */
export async function choosePhp(
  host: Host,
  paths: RootPaths,
  wanted: PhpChoice | undefined,
  tell: Tell,
): Promise<ServiceContext> {
  const { say } = tell;
  const local = wanted === 'wasm' ? undefined : await findLocalPhp();
  if (local && local.lacks.length === 0) {
    const { binary, fpm, version } = local;
    say(`PHP ${version}: ${fpm === '' ? `${binary}, its own web server` : basename(fpm)}`);
    return { kind: 'php', driver: 'local', version, settings: { binary, fpm } };
  }
  if (wanted === 'local') {
    const why = local ? `${local.binary} lacks ${local.lacks.join(', ')}` : 'this machine has no php in its PATH';
    throw new AegirError('PHP_UNFIT', why, 'Install it, or use PHP in WebAssembly: --php wasm', 'php');
  }
  const { version, branch, packages } = WASM;
  const to = join(paths.cache, `php-wasm-${version}-${branch}`);
  say(`PHP ${branch} in WebAssembly${local ? ` (${local.binary} lacks ${local.lacks.join(', ')})` : ''}`);
  const live = { onLine: (_stream: string, line: string) => say(line), onProgress: tell.progress, signal: tell.signal };
  try {
    await host.act('wasm.install', { to, branch, packages }, live);
  } catch (error) {
    const { code, message, hint } = describeError(error);
    if (tell.signal?.aborted) throw error;
    const other = `A local PHP needs no download, but these extensions: ${NEEDED.join(', ')}.`;
    throw new AegirError(code, message, `${hint} ${other}`, 'php');
  }
  return { kind: 'php', driver: 'wasm', version: branch, settings: { packages: to, branch } };
}

async function sameBranch(fpm: string, branch: string): Promise<boolean> {
  const asked = await runCommand({ file: fpm, args: ['-v'], timeoutMs: 10_000 });
  if (asked.code !== 0) throw new AegirError('PHP_UNFIT', `${fpm}: ${lastOutput(asked)}`, 'Repair it or remove it.');
  return asked.stdout.startsWith(`PHP ${branch}.`);
}

function findProgram(folders: string[], names: string[]): string | undefined {
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not in this folder.
      }
    }
  }
  return undefined;
}
