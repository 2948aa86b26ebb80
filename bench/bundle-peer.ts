import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** Bundles a small Ink program in the same way as `scripts/build.mjs` bundles ours; returns the file to run. */
export async function bundlePeer(folder: string, name: string, source: string): Promise<string> {
  const entry = join(folder, `${name}.mjs`);
  writeFileSync(
    entry,
    `import { enableCompileCache, flushCompileCache } from 'node:module'; enableCompileCache();
setTimeout(flushCompileCache, 300);
${source}`,
  );
  symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
  await build({
    entryPoints: { [name]: entry },
    outdir: join(folder, 'out'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    minify: true,
    alias: { 'react-devtools-core': join(process.cwd(), 'scripts/empty.mjs') },
    define: { 'process.env.NODE_ENV': '"production"' },
    banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  });
  return join(folder, `out/${name}.js`);
}
