import { basename, dirname, join } from 'node:path';
import { AegirError } from '../model/errors.ts';
import { serverCache } from './cache.ts';
import type { Source } from './source.ts';

/** A package of the machine's Debian archive, of any suite; nothing is installed and /etc/apt is not changed. */
export const debianSource: Source = {
  kind: 'debian',
  form: 'debian:PACKAGE[/SUITE]',
  parse(rest) {
    if (!/^[a-z0-9][a-z0-9.+-]+(\/[a-z][a-z0-9-]*)?$/.test(rest)) {
      throw new AegirError(
        'SOURCE_INVALID',
        `"${rest}" is not the name of a package`,
        'debian:PACKAGE or debian:PACKAGE/SUITE',
        'from',
      );
    }
    return { kind: 'debian', rest };
  },
  async check(host, _source, _options, problem) {
    if (await host.stat('/usr/bin/apt-get')) return;
    problem(
      'DEBIAN_MISSING',
      'this machine has no apt',
      'The source debian: needs Debian or Ubuntu; use archive: or path:.',
      'from',
    );
  },
  async fetch(host, { rest }, into, _options, io) {
    const [name = '', suite = ''] = rest.split('/');
    const home = join(dirname(into), basename(into).replace(/^\.new-/, ''));
    const { version } = await host.act(
      'source.debian',
      { package: name, suite, cache: serverCache(into), into, home },
      { signal: io.signal, onLine: io.line, onProgress: io.progress },
    );
    io.log('info', `${name} ${version}`);
  },
};
