// The program from its sources, with every act in a child process (docs/testing.md).
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    if (!found.url.endsWith('/src/provision/host/makers/local.ts')) return found;
    return { ...found, url: new URL('local.js', import.meta.url).href };
  },
});
await import('../../../src/main.ts');
