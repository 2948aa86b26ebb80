import { join } from 'node:path';

/** A plugin of esbuild that replaces Ink's own module by ink-output.mjs. */
export const inkOutput = {
  name: 'ink-output',
  setup(build) {
    build.onResolve({ filter: /^\.\/output\.js$/ }, ({ importer }) =>
      importer.endsWith('ink/build/renderer.js') ? { path: join(import.meta.dirname, 'ink-output.mjs') } : undefined,
    );
  },
};
