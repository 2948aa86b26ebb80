import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { AegirError } from '../../../model/errors.ts';
import { checkParents, checkPath } from '../../policy.ts';
import { defineAct } from '../act.ts';

export const sourceDownload = defineAct('source.download', {
  args: z.object({ url: z.url({ protocol: /^https?$/ }), to: z.string() }),
  describe: ({ url, to }) => `download ${url} to ${to}`,
  async run({ url, to }, policy, live) {
    checkPath(policy, to);
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
    checkParents(policy, to);
    const part = `${to}.part`;
    try {
      const answer = await fetch(url, { signal: live.signal });
      if (!answer.ok || !answer.body) throw new Error(`the server answers ${answer.status}`);
      const total = Number(answer.headers.get('content-length') ?? 0);
      let done = 0;
      const body = Readable.fromWeb(answer.body as never);
      body.on('data', (chunk: Buffer) => {
        done += chunk.length;
        live.onProgress?.(done, total, 'bytes');
      });
      await pipeline(body, createWriteStream(part, { mode: 0o600 }), { signal: live.signal });
      if (total > 0 && done !== total && !answer.headers.get('content-encoding'))
        throw new Error(`the download ended after ${done} of ${total} bytes`);
      renameSync(part, to);
    } catch (error) {
      rmSync(part, { force: true });
      const cause =
        error instanceof Error && error.cause instanceof Error
          ? error.cause.message
          : error instanceof Error
            ? error.message
            : String(error);
      throw new AegirError(
        'DOWNLOAD_FAILED',
        `${url} could not be downloaded: ${cause}`,
        'Check the address and the network, then try again.',
        'from',
      );
    }
  },
});

export const sourceCheck = defineAct('source.check', {
  args: z.object({ file: z.string().startsWith('/'), sha256: z.string().regex(/^[0-9a-f]{64}$/i) }),
  describe: ({ file }) => `check the SHA-256 sum of ${file}`,
  async run({ file, sha256 }) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    const sum = hash.digest('hex');
    if (sum === sha256.toLowerCase()) return;
    throw new AegirError(
      'CHECKSUM_MISMATCH',
      `${file} has the SHA-256 sum ${sum}, not ${sha256.toLowerCase()}`,
      'Download it again; if the sum stays the same, do not trust it.',
      'sha256',
    );
  },
});
