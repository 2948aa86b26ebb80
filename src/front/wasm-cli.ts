import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { loadWasmPhp, wasmIni } from './wasm-php.ts';

/**
 * PHP for the command line, in WebAssembly. Words: packages, branch, a folder that PHP may see, then PHP's own
 * words (`-d name=value ... file`). Standard input, output and exit code are PHP's.
 */
const [packages = '', branch = '', root = '', ...words] = process.argv.slice(2);
// Nobody types to it: it cannot wait for a line. Read as a stream: what writes to us may be slower than we are.
const input = process.stdin.isTTY ? Buffer.alloc(0) : await buffer(process.stdin);
const here = process.cwd();
// A folder that holds the root, or lies in it, is no second one beside it.
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
const run = await php.cli(['php', ...words], { env });
await Promise.all([
  pipeline(Readable.fromWeb(run.stdout as never), process.stdout, { end: false }),
  pipeline(Readable.fromWeb(run.stderr as never), process.stderr, { end: false }),
]);
process.exit(await run.exitCode);
