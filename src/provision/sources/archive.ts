import { basename, isAbsolute, join } from 'node:path';
import { AegirError } from '../model/errors.ts';
import { serverCache } from './cache.ts';
import type { Source } from './source.ts';

/** An archive of code: a file of this machine, or a URL. */
export const archiveSource: Source = {
  kind: 'archive',
  form: 'archive:FILE|URL',
  parse(rest) {
    if (!isAbsolute(rest) && !/^https?:\/\/[^\s]+$/.test(rest)) {
      throw new AegirError(
        'SOURCE_INVALID',
        `"${rest}" is neither an absolute path nor a URL`,
        'archive:/root/code.tar.gz or archive:https://…',
        'from',
      );
    }
    return { kind: 'archive', rest };
  },
  async check(host, { rest }, { sha256 }, problem) {
    if (isUrl(rest)) {
      if (rest.startsWith('http:') && sha256 === '') {
        problem(
          'CHECKSUM_MISSING',
          `${rest} is downloaded without encryption, so anybody on the way can change it`,
          'Use https, or give its checksum with --sha256.',
          'sha256',
        );
      }
      return;
    }
    const fact = await host.stat(rest);
    if (fact?.kind !== 'file')
      problem('FILE_MISSING', `there is no file ${rest}`, 'Give the path of the archive itself.', 'from');
    else if (fact.size === 0) problem('FILE_EMPTY', `${rest} is empty`, 'Download it again.', 'from');
  },
  async fetch(host, { rest }, into, { sha256 }, io) {
    let file = rest;
    if (isUrl(rest)) {
      file = join(serverCache(into), 'archives', `${basename(into)}.archive`);
      io.log('info', `downloading ${rest}`);
      await host.act('source.download', { url: rest, to: file }, { signal: io.signal, onProgress: io.progress });
    }
    try {
      if (sha256) await host.act('source.check', { file, sha256 }, { signal: io.signal });
      io.log('info', `unpacking ${file}`);
      await host.act('source.unpack', { archive: file, to: into }, { signal: io.signal, onLine: io.line });
    } finally {
      if (isUrl(rest)) await host.act('file.remove', { path: file });
    }
  },
};

const isUrl = (rest: string): boolean => /^https?:\/\//.test(rest);
