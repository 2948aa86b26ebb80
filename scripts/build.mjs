// Bundles src/main.ts into dist/: one start file and a few lazy chunks.
import { cpSync, existsSync, globSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';
import { inkOutput } from './ink-output-plugin.mjs';
import { project } from './packages.mjs';

const out = join(project, 'dist');
const entry = join(out, 'aegir.js');

/** True when a source is newer than the bundle. */
function stale() {
  if (!existsSync(entry)) return true;
  const built = statSync(entry).mtimeMs;
  const sources = [
    ...globSync(join(project, 'src/**/*')),
    join(project, 'package-lock.json'),
    ...globSync(join(project, 'scripts/*.mjs')),
  ];
  return sources.some((file) => statSync(file).mtimeMs > built);
}

if (process.argv.includes('--force') || stale()) {
  rmSync(out, { recursive: true, force: true });
  await build({
    entryPoints: {
      aegir: join(project, 'src/main.ts'),
      // Programs that the web server of a trial consists of; each is a process of its own.
      front: join(project, 'src/front/front.ts'),
      'wasm-worker': join(project, 'src/front/wasm-worker.ts'),
      'wasm-cli': join(project, 'src/front/wasm-cli.ts'),
      // What moves data in a thread of its own.
      'stream-thread': join(project, 'src/provision/host/stream-thread.ts'),
    },
    outdir: out,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    jsx: 'automatic',
    minify: true,
    keepNames: true,
    sourcemap: false,
    chunkNames: 'chunks/[name]-[hash]',
    // better-sqlite3 loads a compiled file that lies beside it; mysql2 writes code at run time, by names that minifying changes.
    external: ['better-sqlite3', 'mysql2'],
    alias: {
      'react-devtools-core': join(project, 'scripts/empty.mjs'),
      'string-width': join(project, 'scripts/string-width.mjs'),
    },
    plugins: [inkOutput],
    inject: [join(project, 'scripts/lazy-segmenter.mjs')],
    define: { 'process.env.NODE_ENV': '"production"', 'Intl.Segmenter': 'LazySegmenter' },
    // CommonJS packages inside an ES module bundle still call require().
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
    logLevel: 'warning',
  });
  const engines = join(project, 'src/provision/engines');
  const programs = globSync(join(engines, '*/*.php')).map((file) => [file, relative(engines, file)]);
  const front = globSync(join(project, 'src/front/*.php')).map((file) => [file, relative(join(project, 'src'), file)]);
  for (const [file, name] of [...programs, ...front]) {
    const target = join(out, name);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(file, target);
  }
}
