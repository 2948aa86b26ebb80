import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { inkOutput } from '../../scripts/ink-output-plugin.mjs';

const project = join(import.meta.dirname, '../..');

/** Bundles the test program of the console as `scripts/build.mjs` bundles the real one; returns the file to run. */
export async function buildConsole(): Promise<string> {
  // Inside the project, so that the compiled package that stays outside of the bundle is found.
  const out = mkdtempSync(join(project, 'node_modules/.console-test-'));
  await build({
    entryPoints: { console: join(import.meta.dirname, 'console-program.ts') },
    outdir: out,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    jsx: 'automatic',
    external: ['better-sqlite3'],
    alias: { 'react-devtools-core': join(project, 'scripts/empty.mjs') },
    plugins: [inkOutput],
    inject: [join(project, 'scripts/lazy-segmenter.mjs')],
    define: { 'process.env.NODE_ENV': '"production"', 'Intl.Segmenter': 'LazySegmenter' },
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
    logLevel: 'error',
  });
  return join(out, 'console.js');
}
