// The program from its sources, with every act in a child process (docs/testing.md).
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    if (!found.url.endsWith('/src/provision/host/makers/local.ts')) return found;
    return { ...found, url: new URL('local.js', import.meta.url).href };
  },
  // Node strips types, but knows no JSX.
  load(url, context, next) {
    if (!url.endsWith('.tsx')) return next(url, context);
    const built = buildSync({ entryPoints: [fileURLToPath(url)], write: false, jsx: 'automatic', format: 'esm' });
    return { format: 'module', source: built.outputFiles[0].text, shortCircuit: true };
  },
});
await import('../../../src/main.ts');
