import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SiteContext, sitePaths } from '../../../src/provision/model/context.ts';
import { configBefore, publish } from '../../../src/provision/services/publish.ts';
import { standardProgram } from '../../../src/provision/standard.ts';
import { openFileSource } from '../../../src/state/log/file.ts';
import { listSiteLogs } from '../../../src/state/log/site-logs.ts';
import type { LogSource } from '../../../src/state/model/log-source.ts';
import { makeSite, sampleConfig, writeTree } from '../../provision/services/real-site.ts';
import { type Stack, startStack } from '../../support/stack.ts';

const program = `<?php
if (isset($_GET['warn'])) echo $undefined['x'];
if (isset($_GET['log'])) error_log($_GET['log']);
if (isset($_GET['fatal'])) nosuchfunction();
echo 'ok';
`;

let stack: Stack;
let site: SiteContext;
let errors: LogSource;

beforeAll(async () => {
  stack = await startStack({ db: false });
  site = await makeSite(stack, 1, 'one.example.test');
  writeTree(join(site.platform.root, 'web'), { 'index.php': program });
  const change = { write: sampleConfig(site), remove: [] };
  await publish(
    { host: stack.host, services: standardProgram.services },
    stack.server,
    change,
    await configBefore(stack.host, change),
  );
  errors = openFileSource(stack.host, join(sitePaths(site).logs, 'error.log'));
}, 60_000);

afterAll(async () => {
  errors?.close();
  await stack?.stop();
});

/** Waits until a line of the log fits, and gives it as it is shown. */
async function line(log: LogSource, wanted: RegExp): Promise<{ level: string; text: string; at: string }> {
  for (let tries = 0; tries < 200; tries += 1) {
    log.refresh();
    while (log.work());
    const found = log
      .raw(log.first(), log.end())
      .map(log.format.parse)
      .findLast(({ text }) => wanted.test(text));
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`no ${wanted} in ${log.raw(log.first(), log.end()).join('\n')}`);
}

const asks = (query: string): Promise<unknown> => stack.fetch(site.uri, `/index.php?${query}`);

it('the logs of a site are the web server’s and PHP’s, with levels', async () => {
  await asks('fatal=1');
  await asks('warn=1');
  expect((await listSiteLogs(stack.host, stack.paths, site)).map(({ file }) => file)).toEqual([
    'error.log',
    'access.log',
  ]);
  expect(await line(errors, /nosuchfunction/)).toMatchObject({ level: 'error' });
  expect(await line(errors, /Undefined variable/)).toMatchObject({ level: 'warning' });
  const access = openFileSource(stack.host, join(sitePaths(site).logs, 'access.log'));
  const failed = await line(access, /fatal=1 HTTP/);
  expect(failed).toMatchObject({ level: 'error', text: expect.stringMatching(/^\S+ "GET \/index.php\?fatal=1/) });
  expect(Math.abs(Date.now() - Date.parse(failed.at))).toBeLessThan(60_000);
  access.close();
});

it('what visitors and the site’s code write into them cannot steer a terminal', async () => {
  await asks('log=of+a+visitor+%1b]0;title%07%1b[2J%9b2J%ff%e2%80%ae');
  await line(errors, /of a visitor/);
  // The file holds the bytes; what is shown does not.
  expect(readFileSync(join(sitePaths(site).logs, 'error.log')).includes(0x1b)).toBe(true);
  for (const raw of errors.raw(errors.first(), errors.end())) {
    expect(errors.format.parse(raw).text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
  }
});

it('they go on when they are rotated as logrotate does it', async () => {
  const { logs } = sitePaths(site);
  const pid = Number(readFileSync(join(stack.paths.run, 'nginx.pid'), 'utf8'));
  const before = await line(errors, /nosuchfunction/);
  renameSync(join(logs, 'error.log'), join(logs, 'error.log.1'));
  writeFileSync(join(logs, 'error.log'), '', { mode: 0o640 });
  // Until the web server is told, it writes into the file that it has open.
  await asks('log=in-between');
  await line(errors, /in-between/);
  process.kill(pid, 'SIGUSR1');
  for (let tries = 0; tries < 100; tries += 1) {
    await asks('log=after');
    if (readFileSync(join(logs, 'error.log')).length > 0) break;
  }
  await line(errors, /The log was rotated/);
  await line(errors, /after/);
  expect(await line(errors, /nosuchfunction/)).toEqual(before);
});
