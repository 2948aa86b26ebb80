import { join } from 'node:path';

/** Puts ink-output.mjs in the place of Ink's own module: a plugin of esbuild. */
export const inkOutput = {
  name: 'ink-output',
  setup(build) {
    build.onResolve({ filter: /^\.\/output\.js$/ }, ({ importer }) =>
      importer.endsWith('ink/build/renderer.js') ? { path: join(import.meta.dirname, 'ink-output.mjs') } : undefined,
    );
  },
};
