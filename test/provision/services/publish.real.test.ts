import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type SiteContext, sitePaths } from '../../../src/provision/context.ts';
import { describeError, type ErrorDocument } from '../../../src/provision/errors.ts';
import type { Host } from '../../../src/provision/host/host.ts';
import { planHost } from '../../../src/provision/host/plan.ts';
import type { RootVerb } from '../../../src/provision/host/root-acts.ts';
import { nginx } from '../../../src/provision/services/http/nginx.ts';
import { fpm } from '../../../src/provision/services/php/fpm.ts';
import { type ConfigChange, configBefore, publish, unpublish } from '../../../src/provision/services/publish.ts';
import { type Stack, startStack } from '../../support/stack.ts';
import { makeSite, sampleConfig, writeTree } from './real-site.ts';
import { sampleWeb } from './sample-site.ts';

let stack: Stack;
let site: SiteContext;
/** What was done to services, as `reload nginx`. */
let controlled: string[] = [];
let warnings: string[] = [];
let host: Host;

const own = (name: string) => join(stack.paths.run, 'nginx-own', name);

/** Works for a second when asked to. */
const program = `<?php
for ($end = microtime(true) + 1; isset($_GET['work']) && microtime(true) < $end;) { md5('x'); }
echo isset($_GET['work']) ? 'worked' : ini_get('memory_limit');
`;

beforeAll(async () => {
  stack = await startStack({ db: false });
  host = recording(stack.host);
  site = await makeSite(stack, 1, 'one.example.test');
  writeTree(join(site.platform.root, 'web'), {
    'index.php': program,
    'page.txt': 'page',
  });
  await put([site]);
}, 60_000);

afterEach(async () => {
  for (const name of ['own.conf']) rmSync(own(name), { force: true });
  rmSync(join(stack.paths.config, 'php/8.2/own.conf'), { force: true });
  controlled = [];
  warnings = [];
});

afterAll(() => stack?.stop());

function recording(real: Host): Host {
  const act = async (verb: RootVerb, args: never): Promise<never> => {
    if (verb === 'service.control') {
      const { service, action } = args as { service: { start: string[] }; action: string };
      controlled.push(`${action} ${service.start[0]?.replace(/.*\//, '')}`);
    }
    return (await real.act(verb, args)) as never;
  };
  return { ...real, act: act as Host['act'] };
}

async function change(wanted: ConfigChange): Promise<void> {
  await publish(host, stack.server, wanted, await configBefore(host, wanted), (text) => warnings.push(text));
}
const put = (sites: SiteContext[]) => change({ write: sites.flatMap(sampleConfig), remove: [] });
const take = (sites: SiteContext[]) =>
  change({ write: [], remove: sites.flatMap(sampleConfig).map(({ path }) => path) });

async function failing(work: Promise<unknown>): Promise<ErrorDocument> {
  return work.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => describeError(error),
  );
}

const answer = async ({ uri }: SiteContext, path = '/') => (await stack.fetch(uri, path)).body;
const withMemory = (of: SiteContext, memoryMb: number): SiteContext => ({ ...of, php: { ...of.php, memoryMb } });
const vhostFile = (of: SiteContext) => join(stack.paths.config, 'nginx', `site-${of.handle}.conf`);

describe('publishing', () => {
  it('shows a new site at once, and hides a removed one at once', async () => {
    const second = await makeSite(stack, 2, 'two.example.test');
    expect((await stack.fetch(second.uri, '/')).status).toBe(0);
    for (let time = 0; time < 3; time += 1) {
      await put([second]);
      expect(await answer(second)).toBe('256M');
      expect(await answer(second, '/page.txt')).toBe('page');
      await take([second]);
      expect((await stack.fetch(second.uri, '/')).status).toBe(0);
      expect(existsSync(sitePaths(second).socket)).toBe(false);
    }
    expect(await answer(site)).toBe('256M');
  });

  it('reloads nothing when nothing changed', async () => {
    await put([site]);
    expect(controlled).toEqual([]);
  });

  it('reloads only what reads a file that changed', async () => {
    await put([{ ...site, aliases: ['alias.example.test'] }]);
    expect(controlled).toEqual(['reload nginx']);
    await put([site]);
    controlled = [];
    await put([withMemory(site, 128)]);
    expect(controlled).toEqual(['reload php-fpm8.2']);
    expect(await answer(site)).toBe('128M');
    await put([site]);
    expect(await answer(site)).toBe('256M');
  });

  it('takes lines in that people have added, though the inventory did not change', async () => {
    const local = join(sitePaths(site).local, 'local.vhost.conf');
    const template = readFileSync(local, 'utf8');
    writeFileSync(local, `${template}location = /mine { return 200 mine; }\n`);
    await put([site]);
    expect(await answer(site, '/mine')).toBe('mine');
    expect(readFileSync(local, 'utf8')).toContain('/mine');
    writeFileSync(local, template);
  });

  it('tests and reloads once for a hundred sites', async () => {
    const many: SiteContext[] = [];
    for (let number = 100; number < 200; number += 1) {
      const one = { ...site, uri: `many${number}.example.test`, aliases: [] };
      many.push({ ...one, handle: `${stack.server.handlePrefix}${number}` });
    }
    const write = many.flatMap((one) => nginx.siteFiles(one, sampleWeb(one), [])).filter((file) => !file.once);
    for (const one of many) mkdirSync(sitePaths(one).logs);
    await change({ write, remove: [] });
    expect(controlled).toEqual(['reload nginx']);
    expect(await answer(many[99] ?? site, '/page.txt')).toBe('page');
    await change({ write: [], remove: write.map(({ path }) => path) });
  });

  it('costs the visitors of other sites no request, not even a long one', async () => {
    const second = await makeSite(stack, 2, 'two.example.test');
    let over = false;
    const statuses = new Map<number, number>();
    const visitor = async (path: string) => {
      while (!over) {
        const { status, body } = await stack.fetch(site.uri, path);
        const good = body === '256M' || body === 'worked';
        statuses.set(good ? status : -status, (statuses.get(good ? status : -status) ?? 0) + 1);
      }
    };
    const visitors = [visitor('/'), visitor('/'), visitor('/?work=1')];
    for (let time = 0; time < 2; time += 1) {
      await put([second]);
      await take([second]);
    }
    over = true;
    await Promise.all(visitors);
    expect([...statuses.keys()]).toEqual([200]);
    expect(statuses.get(200)).toBeGreaterThan(10);
  }, 60_000);

  it('plans without acting, and says what would be done', async () => {
    const planning = planHost(stack.host);
    const wanted = { write: sampleConfig(withMemory(site, 512)), remove: [] };
    await publish(planning, stack.server, wanted, await configBefore(planning, wanted));
    const planned = planning.planned().map(({ text, diff }) => [text, ...diff].join('\n'));
    expect(planned.join('\n')).toContain('+php_admin_value[memory_limit] = "512M"');
    expect(planned.join('\n')).toContain('reload php-fpm8.2');
    expect(await answer(site)).toBe('256M');
  });
});

describe("somebody's own file with a fault", () => {
  it.each([
    ['an unknown directive', 'nonsense on;\n', /unknown directive "nonsense"/],
    ['a missing brace', 'server {\n', /unexpected end of file/],
    ['a missing file', 'include /nonexistent.conf;\n', /No such file/],
  ])('in the web server is named, and nothing changes: %s', async (_what, text, words) => {
    writeFileSync(own('own.conf'), text);
    const second = await makeSite(stack, 2, 'two.example.test');
    const before = readFileSync(vhostFile(site), 'utf8');
    const error = await failing(put([withMemory({ ...site, aliases: [] }, 128), second]));
    expect(error.code).toBe('CONFIG_REFUSED');
    expect(error.message).toMatch(words);
    expect(error.message + error.hint).toContain(own('own.conf'));
    expect(error.hint).toContain('was not written by this program');
    expect(readFileSync(vhostFile(site), 'utf8')).toBe(before);
    expect(existsSync(vhostFile(second))).toBe(false);
    expect(controlled).toEqual([]);
    expect(await answer(site)).toBe('256M');
  });

  it.each([
    ['an unknown directive', '[x]\nnonsense = 1\n', /unknown entry 'nonsense'/],
    ['no ini at all', '[x\n"', /syntax error/],
  ])('in PHP-FPM is named, and nothing changes: %s', async (_what, text, words) => {
    const file = join(stack.paths.config, 'php/8.2/own.conf');
    writeFileSync(file, text);
    const error = await failing(put([withMemory(site, 128)]));
    expect(error).toMatchObject({ code: 'CONFIG_REFUSED', message: expect.stringMatching(words) });
    expect(error.hint).toContain(`${file} was not written by this program`);
    expect(controlled).toEqual([]);
    expect(await answer(site)).toBe('256M');
  });

  it.each(['local.vhost.conf', 'local.pool.conf'])('is named when it is %s of a site', async (name) => {
    const file = join(sitePaths(site).local, name);
    const template = readFileSync(file, 'utf8');
    writeFileSync(file, 'nonsense = on;\n');
    const error = await failing(put([site]));
    expect(error).toMatchObject({ code: 'CONFIG_REFUSED', hint: expect.stringContaining(file) });
    expect(readFileSync(file, 'utf8')).toBe('nonsense = on;\n');
    writeFileSync(file, template);
    expect(await answer(site)).toBe('256M');
  });

  it('does not keep an undo from leaving nothing behind', async () => {
    const second = await makeSite(stack, 2, 'two.example.test');
    const wanted = { write: sampleConfig(second), remove: [] };
    const before = await configBefore(host, wanted);
    writeFileSync(own('own.conf'), 'nonsense on;\n');
    await failing(publish(host, stack.server, wanted, before));
    await unpublish(host, stack.server, before, (text) => warnings.push(text));
    expect(wanted.write.filter(({ path }) => existsSync(path))).toEqual([]);
    expect(warnings.join()).toMatch(/not reloaded: nginx refuses .* unknown directive/);
  });

  it('does not bring a removed site back, and its removal is finished when it is mended', async () => {
    const second = await makeSite(stack, 2, 'two.example.test');
    await put([second]);
    writeFileSync(own('own.conf'), 'nonsense on;\n');
    expect((await failing(take([second]))).code).toBe('CONFIG_REFUSED');
    expect(existsSync(vhostFile(second))).toBe(false);
    rmSync(own('own.conf'));
    await take([second]);
    expect((await stack.fetch(second.uri, '/')).status).toBe(0);
    expect(existsSync(sitePaths(second).socket)).toBe(false);
  });

  it('is told as a warning when it only takes a name that is ours', async () => {
    writeFileSync(
      own('own.conf'),
      `server { listen 127.0.0.1:${stack.port}; server_name ${site.uri}; return 200 theirs; }`,
    );
    await put([{ ...site, aliases: [] }]);
    expect(warnings.join()).toMatch(/nginx warns: conflicting server name "one.example.test"/);
    await put([site]);
  });
});

describe('an undo', () => {
  it('takes a new site away, whatever state it was left in', async () => {
    const second = await makeSite(stack, 2, 'two.example.test');
    const wanted = { write: sampleConfig(second), remove: [] };
    const before = await configBefore(host, wanted);
    await publish(host, stack.server, wanted, before);
    for (let time = 0; time < 2; time += 1) await unpublish(host, stack.server, before);
    expect(wanted.write.filter(({ path }) => existsSync(path))).toEqual([]);
    expect((await stack.fetch(second.uri, '/')).status).toBe(0);
    expect(await answer(site)).toBe('256M');
  });

  it('puts a changed site back', async () => {
    const wanted = { write: sampleConfig(withMemory(site, 128)), remove: [] };
    const before = await configBefore(host, wanted);
    await publish(host, stack.server, wanted, before);
    expect(await answer(site)).toBe('128M');
    await unpublish(host, stack.server, before);
    expect(await answer(site)).toBe('256M');
  });
});

describe('a service that fails', () => {
  it('while it reloads is started again with the old configuration', async () => {
    // FPM's own test does not see that the folder of a socket is missing; its reload ends it.
    const path = join(stack.paths.config, 'php/8.2/site-bad.conf');
    const text = `[bad]\nuser = nobody\nlisten = /nonexistent/bad.sock\npm = ondemand\npm.max_children = 1\n`;
    const error = await failing(change({ write: [{ path, text, group: 'root', mode: 0o644 }], remove: [] }));
    expect(error.code).toBe('RELOAD_FAILED');
    expect(controlled).toEqual(['reload php-fpm8.2', 'start php-fpm8.2']);
    expect(existsSync(path)).toBe(false);
    expect(await answer(site)).toBe('256M');
  });

  it('is told as stopped, and what is published meanwhile is there when it starts', async () => {
    const service = nginx.process(stack.server);
    await stack.host.act('service.control', { service, action: 'stop' });
    expect(await nginx.state(host, stack.server)).toBe('stopped');
    expect(await fpm.state(host, stack.server)).toBe('running');
    await put([{ ...site, aliases: ['later.example.test'] }]);
    await stack.host.act('service.control', { service, action: 'start' });
    expect(await nginx.state(host, stack.server)).toBe('running');
    expect((await stack.fetch('later.example.test', '/')).body).toBe('256M');
    await put([site]);
  });

  it('is told when a folder that it needs is gone', async () => {
    const { run } = stack.paths;
    const missing = { ...stack.server, root: join(stack.root, 'elsewhere') };
    expect(run).toContain(stack.root);
    await expect(fpm.test(host, missing)).rejects.toMatchObject({ code: 'FOLDER_MISSING' });
  });
});
