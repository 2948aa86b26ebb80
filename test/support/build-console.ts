import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { inkOutput } from '../../scripts/ink-output-plugin.mjs';

const project = join(import.meta.dirname, '../..');

/**
 * Bundles the test program of the console as `scripts/build.mjs` bundles the real one, once a run into a folder of that;
 * returns the file to run.
 */
export async function buildConsole(folder: string): Promise<string> {
  const built = join(folder, 'built');
  if (existsSync(built)) return join(built, 'console.js');
  const out = mkdtempSync(join(folder, 'making-'));
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
  try {
    renameSync(out, built);
  } catch {
    // Another test file was first.
    rmSync(out, { recursive: true });
  }
  return join(built, 'console.js');
}
