import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { standardProgram } from '../../../../src/provision/standard.ts';
import { type Stack, startStack } from '../../../support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ db: false });
}, 60_000);
afterAll(() => stack?.stop());

it('who else serves a name is as nginx itself decides it', async () => {
  const { host, server, port, paths } = stack;
  const vhost = (names: string, said: string): string =>
    `server { listen 127.0.0.1:${port}; server_name ${names}; return 200 "${said}"; }\n`;
  const ours = ['exact.example.test', 'byname.example.test', '*.wild.example.test', 'bare.test'];
  const own = join(paths.config, 'nginx', 'site-try.conf');
  writeFileSync(own, vhost(ours.join(' '), 'ours'));
  const theirs = ['exact.example.test', '*.example.test', '~^byname', 'kept.wild.example.test', '.bare.test'];
  writeFileSync(join(paths.run, 'nginx-own/theirs.conf'), vhost(theirs.join(' '), 'theirs'));
  await standardProgram.services.http(server).control(host, server, 'reload');
  const asked = { 'exact.example.test': 'ours', 'byname.example.test': 'ours', 'bare.test': 'ours' };
  const more = { 'kept.wild.example.test': 'theirs', 'a.wild.example.test': 'ours', 'other.example.test': 'theirs' };
  for (const [name, who] of Object.entries({ ...asked, ...more }))
    await expect
      .poll(async () => `${name}: ${(await stack.fetch(name, '/')).body}`, { timeout: 10_000 })
      .toBe(`${name}: ${who}`);
  const found = await standardProgram.services.http(server).servedElsewhere(host, server, ours);
  const first = ours.map((name) => found.find((one) => one.name === name)?.how);
  expect(first).toEqual(['taken', 'pattern', 'pattern', 'taken']);
  expect(found.filter(({ how }) => how === 'part')).toMatchObject([{ claim: 'kept.wild.example.test' }]);
}, 60_000);
