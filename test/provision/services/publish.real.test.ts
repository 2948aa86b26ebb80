import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../../src/provision/host/host.ts';
import { planHost } from '../../../src/provision/host/makers/plan.ts';
import { type SiteContext, sitePaths } from '../../../src/provision/model/context.ts';
import { nginx } from '../../../src/provision/services/http/nginx.ts';
import { configBefore, publish, unpublish } from '../../../src/provision/services/publish.ts';
import { standardProgram } from '../../../src/provision/standard.ts';
import { phpBranch, type Stack } from '../../support/stack.ts';
import { type Publishing, startPublishing, withMemory } from './publishing.ts';
import { makeSite, sampleConfig } from './real-site.ts';
import { samplePhp, sampleWeb } from './sample-site.ts';

let on: Publishing;
let stack: Stack;
let site: SiteContext;
let host: Host;

beforeAll(async () => {
  on = await startPublishing();
  ({ stack, site, host } = on);
}, 60_000);

afterEach(() => {
  on.controlled.length = 0;
  on.warnings.length = 0;
});

afterAll(() => stack?.stop());

describe('publishing', () => {
  it('reloads only what reads a file that changed', async () => {
    await on.put({ ...site, aliases: ['alias.example.test'] });
    expect(on.controlled).toEqual(['reload nginx']);
    await on.put(site);
    on.controlled.length = 0;
    await on.put(withMemory(site, 128));
    expect(on.controlled).toEqual([`reload php-fpm${phpBranch()}`]);
    expect(await on.answer(site)).toBe('128M');
    await on.put(site);
    expect(await on.answer(site)).toBe('256M');
  });

  it('takes lines in that people have added, though the inventory did not change', async () => {
    const local = join(sitePaths(site).local, 'local.vhost.conf');
    const template = readFileSync(local, 'utf8');
    writeFileSync(local, `${template}location = /mine { return 200 mine; }\n`);
    await on.put(site);
    expect(await on.answer(site, '/mine')).toBe('mine');
    expect(readFileSync(local, 'utf8')).toContain('/mine');
    writeFileSync(local, template);
  });

  it('tests and reloads once for a hundred sites', async () => {
    const many: SiteContext[] = [];
    for (let number = 100; number < 200; number += 1) {
      const one = { ...site, uri: `many${number}.example.test`, aliases: [] };
      many.push({ ...one, handle: `${stack.server.handlePrefix}${number}` });
    }
    const write = many
      .flatMap((one) => nginx.siteFiles({ site: one, web: sampleWeb(one), php: samplePhp(one) }))
      .filter((file) => !file.once);
    for (const one of many) for (const path of [sitePaths(one).logs, sitePaths(one).local]) mkdirSync(path);
    await on.change({ write, remove: [] });
    expect(on.controlled).toEqual(['reload nginx']);
    expect(await on.answer(many[99] ?? site, '/page.txt')).toBe('page');
    await on.change({ write: [], remove: write.map(({ path }) => path) });
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
      await on.put(second);
      await on.take(second);
    }
    over = true;
    await Promise.all(visitors);
    expect([...statuses.keys()]).toEqual([200]);
    expect(statuses.get(200)).toBeGreaterThan(10);
  }, 60_000);

  it('plans without acting, and says what would be done', async () => {
    const planning = planHost(stack.host);
    const wanted = { write: sampleConfig(withMemory(site, 512)), remove: [] };
    await publish(
      { host: planning, services: standardProgram.services },
      stack.server,
      wanted,
      await configBefore(planning, wanted),
    );
    const planned = planning.planned().map(({ text, diff }) => [text, ...diff].join('\n'));
    expect(planned.join('\n')).toContain('+php_admin_value[memory_limit] = "512M"');
    expect(planned.join('\n')).toContain(`reload php-fpm${phpBranch()}`);
    expect(await on.answer(site)).toBe('256M');
  });
});

describe('an undo', () => {
  it('takes a new site away, whatever state it was left in', async () => {
    const second = await makeSite(stack, 2, 'two.example.test');
    const wanted = { write: sampleConfig(second), remove: [] };
    const before = await configBefore(host, wanted);
    await publish({ host, services: standardProgram.services }, stack.server, wanted, before);
    for (let time = 0; time < 2; time += 1)
      await unpublish({ host, services: standardProgram.services }, stack.server, before);
    expect(wanted.write.filter(({ path }) => existsSync(path))).toEqual([]);
    expect((await stack.fetch(second.uri, '/')).status).toBe(0);
    expect(await on.answer(site)).toBe('256M');
  });
});
