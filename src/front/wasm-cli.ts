import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { loadWasmPhp, wasmIni } from './wasm-php.ts';

/**
 * PHP for the command line, in WebAssembly. Arguments: packages, branch, a folder that PHP may access, then PHP's own
 * (`-d name=value ... file`). Standard input, output and exit code are PHP's.
 */
const [packages = '', branch = '', root = '', ...args] = process.argv.slice(2);
// No interactive input: it cannot wait for a line. Read as a stream, since the writer may be slower than this process.
const input = process.stdin.isTTY ? Buffer.alloc(0) : await buffer(process.stdin);
const here = process.cwd();
// A folder that contains the root folder, or is inside it, is not mounted separately.
const isApart = here !== '/' && !`${root}/`.startsWith(`${here}/`) && !here.startsWith(`${root}/`);
const folders = isApart ? [root, here] : [root];
let at = 0;
const php = await loadWasmPhp({
  packages,
  branch,
  folders,
  ini: wasmIni,
  emscripten: { stdin: () => (at < input.length ? input[at++] : null) },
});
php.chdir(here);
const env = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== undefined)) as Record<
  string,
  string
>;
const run = await php.cli(['php', ...args], { env });
await Promise.all([
  pipeline(Readable.fromWeb(run.stdout as never), process.stdout, { end: false }),
  pipeline(Readable.fromWeb(run.stderr as never), process.stderr, { end: false }),
]);
process.exit(await run.exitCode);
