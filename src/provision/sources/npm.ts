import { basename, join } from 'node:path';
import { AegirError } from '../model/errors.ts';
import { serverCache } from './cache.ts';
import type { Source } from './source.ts';

/** An npm package: all of it or, for a package that an engine knows, the parts with code. */
export const npmSource: Source = {
  kind: 'npm',
  form: 'npm:PACKAGE@VERSION',
  parse(rest) {
    if (!/^(@[a-z0-9._-]+\/)?[a-z0-9._-]+@[0-9][0-9A-Za-z.+-]*$/.test(rest)) {
      throw new AegirError(
        'SOURCE_INVALID',
        `"${rest}" is not a package with a version`,
        'npm:PACKAGE@VERSION',
        'from',
      );
    }
    return { kind: 'npm', rest };
  },
  async check() {},
  async fetch(host, { rest }, into, { parts }, io) {
    const at = rest.lastIndexOf('@');
    const [name, version] = [rest.slice(0, at), rest.slice(at + 1)];
    const archive = join(serverCache(into), 'npm', `${basename(name)}-${version}.tgz`);
    io.log('info', `downloading ${name} ${version}`);
    const live = { signal: io.signal, onLine: io.line, onProgress: io.progress };
    await host.act('source.npm', { package: name, version, to: archive }, live);
    io.log('info', 'unpacking it');
    const known = io.engines.list.find((engine) => engine.npm?.package === name);
    const chosen = parts ?? known?.npm?.parts ?? [{ from: '', to: '' }];
    await host.act('source.parts', { archive, to: into, parts: chosen }, live);
  },
};
