import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Host } from '../../../../src/provision/host/host.ts';
import { readFrames, writeFrame } from '../../../../src/provision/host/wire/frames.ts';
import { serveHost } from '../../../../src/provision/host/wire/serve.ts';
import { openWire } from '../../../../src/provision/host/wire/wire.ts';
import { wireHost } from '../../../../src/provision/host/wire/wire-host.ts';

const scope = { mark: '', platformFolders: [] };
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Reads what is written, cut into pieces of one length. */
async function read(written: Buffer, piece: number): Promise<{ frames: unknown[]; ended: number }> {
  const input = new PassThrough();
  const seen = { frames: [] as unknown[], ended: 0 };
  readFrames(input, {
    take: ({ message, bytes }) => seen.frames.push([message, bytes?.toString()]),
    ended: () => {
      seen.ended += 1;
    },
  });
  for (let at = 0; at < written.length && !input.destroyed; at += piece) {
    input.write(written.subarray(at, at + piece));
    await turn();
  }
  input.end();
  for (let turns = 0; turns < 5; turns += 1) await turn();
  return seen;
}

describe('messages', () => {
  it.each([1, 2, 7, 1000])('are read as they were written, with their bytes, in pieces of %d', async (piece) => {
    const output = new PassThrough();
    writeFrame(output, { id: 1, text: 'ä\nb' });
    writeFrame(output, { id: 2 }, Buffer.from('{"no": "message"}\n'));
    writeFrame(output, { id: 3 }, Buffer.alloc(0));
    writeFrame(output, { id: 4 });
    expect(await read(output.read() as Buffer, piece)).toEqual({
      frames: [
        [{ id: 1, text: 'ä\nb' }, undefined],
        [{ id: 2, bytes: 18 }, '{"no": "message"}\n'],
        [{ id: 3, bytes: 0 }, ''],
        [{ id: 4 }, undefined],
      ],
      ended: 1,
    });
  });

  it.each(['nothing of ours\n', '{"id": 1, "bytes": -1}\n', '{"id": 1, "bytes": "all"}\n'])(
    'end where something is none: %j',
    async (text) => {
      const seen = await read(Buffer.from(`{"id": 0}\n${text}{"id": 2}\n`), 1000);
      expect(seen).toEqual({ frames: [[{ id: 0 }, undefined]], ended: 1 });
    },
  );
});

describe('a connection', () => {
  const host = { list: async (path: string) => [path] } as unknown as Host;
  const facts = { name: 'far', siteUsers: true };

  it('refuses what it does not know, and goes on', async () => {
    const [there, back] = [new PassThrough(), new PassThrough()];
    const served = serveHost(() => host, there, back);
    const answers: unknown[] = [];
    readFrames(back, { take: ({ message }) => answers.push(message), ended: () => {} });
    writeFrame(there, { id: 1, scope, call: { call: 'format', disk: '/dev/sda' } });
    writeFrame(there, { id: 2, scope, call: { call: 'list', path: '/x', more: true } });
    writeFrame(there, { id: 3, scope, call: { call: 'list', path: '/x' } });
    await expect.poll(() => answers.length).toBe(4);
    const refused = { error: { aegir: expect.objectContaining({ code: 'ACT_REFUSED' }) } };
    expect(answers).toEqual([
      { hello: { protocol: 1 } },
      { id: 1, ...refused },
      { id: 2, ...refused },
      { id: 3, result: ['/x'] },
    ]);
    // What is no call ends it.
    writeFrame(there, ['no call']);
    await served;
  });

  it('to another version is not used', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const wire = openWire({ name: 'far', input, output });
    const far = wireHost(facts, scope, async () => ({ wire }));
    const asked = far.list('/');
    writeFrame(input, { hello: { protocol: 2 } });
    await expect(asked).rejects.toMatchObject({ code: 'HOST_VERSION', message: expect.stringContaining('far') });
    await expect(far.list('/')).rejects.toMatchObject({ code: 'HOST_VERSION' });
  });

  it('without our terminal does not begin what needs it', async () => {
    const [there, back] = [new PassThrough(), new PassThrough()];
    void serveHost(() => host, there, back);
    const wire = openWire({ name: 'far', input: back, output: there });
    const far = wireHost(facts, scope, async () => ({ wire }));
    expect(await far.list('/home')).toEqual(['/home']);
    const shell = { user: 'aeg1', file: '/bin/sh', args: [], cwd: '/' };
    await expect(far.act('user.terminal', shell)).rejects.toMatchObject({ code: 'TERMINAL_FAR' });
    there.end();
  });
});
