import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The used parts of @php-wasm/node and @php-wasm/universal; see their type declarations. */
export interface WasmPhp {
  setSapiName(name: string): Promise<void>;
  mkdir(path: string): void;
  mount(path: string, handler: unknown): Promise<unknown>;
  chdir(path: string): void;
  runStream(request: {
    scriptPath: string;
    relativeUri: string;
    method: string;
    protocol: string;
    headers: Record<string, string>;
    body: Uint8Array | undefined;
    $_SERVER: Record<string, string>;
  }): Promise<WasmAnswer>;
  cli(args: string[], options: { env: Record<string, string> }): Promise<WasmAnswer>;
}

/** The result of a run: headers and status arrive before the body ends. */
export interface WasmAnswer {
  headers: Promise<Record<string, string[]>>;
  httpStatusCode: Promise<number>;
  stdout: ReadableStream<Uint8Array>;
  stderr: ReadableStream<Uint8Array>;
  exitCode: Promise<number>;
}

interface NodeModule {
  loadNodeRuntime(branch: string, options: { emscriptenOptions: Record<string, unknown> }): Promise<number>;
  createNodeFsMountHandler(path: string): unknown;
}

interface UniversalModule {
  PHP: new (runtime: number) => WasmPhp;
  setPhpIniEntries(php: WasmPhp, entries: Record<string, string>): Promise<void>;
}

/**
 * One PHP instance with a folder of this machine mounted at its own path, so that links in it work. One instance per
 * process: several in one hang when a lock is held, and threads corrupt a database.
 */
export async function loadWasmPhp(options: {
  packages: string;
  branch: string;
  folders: string[];
  ini: Record<string, string>;
  /** Options for Emscripten, such as `stdin`. */
  emscripten?: Record<string, unknown>;
}): Promise<WasmPhp> {
  const { packages, branch, folders, ini, emscripten = {} } = options;
  const require = createRequire(join(packages, 'package.json'));
  const load = async (name: string): Promise<unknown> => import(pathToFileURL(require.resolve(name)).href);
  const { loadNodeRuntime, createNodeFsMountHandler } = (await load('@php-wasm/node')) as NodeModule;
  const { PHP, setPhpIniEntries } = (await load('@php-wasm/universal')) as UniversalModule;
  const runtime = await loadNodeRuntime(branch, { emscriptenOptions: { processId: process.pid, ...emscripten } });
  const php = new PHP(runtime);
  // Under another name opcache stays off.
  await php.setSapiName('fpm-fcgi');
  await setPhpIniEntries(php, ini);
  for (const folder of folders) {
    php.mkdir(folder);
    await php.mount(folder, createNodeFsMountHandler(folder));
  }
  return php;
}

/** Settings of every instance: exec() without a handler hangs forever; opcache is kept in memory. */
export const wasmIni: Record<string, string> = {
  disable_functions: 'exec,shell_exec,system,passthru,popen,proc_open,pcntl_exec',
  'opcache.enable': '1',
  'opcache.file_cache_only': '0',
  'opcache.revalidate_freq': '0',
  display_errors: '0',
  log_errors: '1',
  'date.timezone': 'UTC',
};
