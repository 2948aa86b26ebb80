import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { standardProgram } from '../../src/provision/standard.ts';
import type { SetupContext } from '../../src/setup/check.ts';
import { servicesReadConfig } from '../../src/setup/checks/services.ts';
import { debian } from '../../src/setup/families/debian.ts';
import { type Stack, startStack } from '../support/stack.ts';

let stack: Stack;
let context: SetupContext;

beforeAll(async () => {
  stack = await startStack();
  const { paths, host, server } = stack;
  const { handlePrefix, uidBase } = server;
  const target = {
    paths,
    services: standardProgram.services,
    family: debian,
    prefix: join(stack.root, 'system'),
    program: '',
    manual: '',
    handlePrefix,
    uidBase,
  };
  context = { target, host, server };
});
afterAll(() => stack?.stop());

it('doctor says which file of somebody keeps the web server from starting again, while it still runs', async () => {
  expect((await servicesReadConfig.check(context))?.code).not.toBe('CONFIG_REFUSED');
  const mine = join(stack.paths.config, 'nginx/mine.conf');
  writeFileSync(mine, 'nonsense on;\n');
  expect(await servicesReadConfig.check(context)).toMatchObject({
    code: 'CONFIG_REFUSED',
    message: expect.stringContaining(mine),
  });
  await expect(servicesReadConfig.fix?.(context)).rejects.toMatchObject({ code: 'CONFIG_REFUSED' });
  rmSync(mine);
});
