import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UserCommand } from '../../../../src/provision/host/root-acts.ts';
import { type SiteContext, serverPaths, sitePaths } from '../../../../src/provision/model/context.ts';
import { databaseProgram } from './database-program.ts';
import type { Tried } from './running.ts';

/** What a database must do for the sites of a server. `alwaysRuns`: it is part of PHP and cannot be stopped alone. */
export function databaseDriver(on: () => Tried, name: string, { alwaysRuns = false } = {}): void {
  const driver = () => on().services.db(on().server);
  let site: SiteContext;
  /** The next release of the same site, as a copy of it has. */
  let next: SiteContext;
  let program = '';

  /** Lets PHP of the site's user reach the database by what the driver says of it, as a CMS does. */
  async function php(
    of: SiteContext,
    verb: 'fill' | 'sum' | 'count',
  ): Promise<{ sum: string; rows: number; driver: string }> {
    const { host, server, services } = on();
    const [file = '', ...before] = services.php(server).commandLine(server);
    const settings = Object.entries(driver().phpSettings(server)).flatMap(([key, value]) => ['-d', `${key}=${value}`]);
    const args = [
      ...before,
      ...settings,
      '-d',
      'memory_limit=512M',
      program,
      verb,
      JSON.stringify(driver().access(of)),
    ];
    const asked = await host.act('user.run', { user: of.handle, file, args, cwd: '/', timeoutMs: 120_000 });
    if (asked.code !== 0) throw new Error(asked.stderr || asked.stdout);
    return JSON.parse(asked.stdout);
  }
  const copy = async (from: SiteContext, into: SiteContext) =>
    on().host.act('stream.copy', {
      from: await driver().dump(on().host, from),
      into: await driver().load(on().host, into),
    });
  /** A command of the site's user that writes a file to its output. */
  const says = (file: string): UserCommand => ({ user: site.handle, file: 'cat', args: [file], cwd: '/' });

  beforeAll(async () => {
    site = await on().makeSite(5, 'five.localhost');
    next = { ...site, release: { number: 2, database: `${site.handle}r2` } };
    const { host } = on();
    const { release } = sitePaths(next);
    await host.act('folder.make', { path: release, owner: 'root', group: 'root', mode: 0o711 });
    const folder = join(serverPaths(on().server).programs);
    await host.act('folder.make', { path: folder, owner: 'root', group: 'root', mode: 0o755 });
    program = join(folder, 'database.php');
    writeFileSync(program, databaseProgram, { mode: 0o644 });
  });
  afterAll(async () => {
    for (const one of [next, site]) if (one) await driver().drop(on().host, one);
  });

  describe(`the database of a site by ${name}`, () => {
    it('is made once or twice alike, and told as present', async () => {
      expect(await driver().present(on().host, site)).toEqual([]);
      for (let time = 0; time < 2; time += 1) await driver().make(on().host, site);
      await php(site, 'fill');
      expect((await driver().present(on().host, site)).join()).toMatch(/^database /);
    });

    it('is reached by the site’s PHP by what the driver says, without a password', async () => {
      expect(driver().access(site).driver).toBe(name);
      expect(JSON.stringify(driver().access(site))).not.toMatch(/password/);
      expect(await php(site, 'sum')).toMatchObject({ rows: 300, driver: name === 'sqlite' ? 'sqlite' : 'mysql' });
    });

    it('has a size, and a folder where it lies', async () => {
      const { host } = on();
      // A database counts what it takes now and then.
      await expect.poll(() => driver().bytes(host, site)).toBeGreaterThan(1_000_000);
      expect(await driver().bytesOutside(host, site)).toBeLessThanOrEqual(await driver().bytes(host, site));
      expect((await host.stat(await driver().folder(host, site)))?.kind).toBe('folder');
    });

    it('is copied into the empty one of the next release, each byte of it, while somebody writes', async () => {
      const { host } = on();
      await driver().make(host, next);
      const [copied] = await Promise.all([copy(site, next), php(site, 'count'), php(site, 'count')]);
      expect(copied.bytes).toBeGreaterThan(1_000_000);
      expect(await php(next, 'sum')).toEqual(await php(site, 'sum'));
    });

    it('is dropped for one release, and the other stays', async () => {
      const { host } = on();
      const before = await php(site, 'sum');
      for (let time = 0; time < 2; time += 1) await driver().dropDatabase(host, next);
      expect((await driver().present(host, next)).filter((one) => one.startsWith('database'))).toEqual([]);
      expect(await php(site, 'sum')).toEqual(before);
    });

    it('is not made of a dump that is damaged, and that is said', async () => {
      const { host } = on();
      await driver().make(host, next);
      const broken = sitePaths(site).tmp;
      await host.act('user.run', {
        user: site.handle,
        file: 'sh',
        args: ['-c', 'printf "this is no dump;\\n" >broken'],
        cwd: broken,
      });
      const failed = host.act('stream.copy', {
        from: says(join(broken, 'broken')),
        into: await driver().load(host, next),
      });
      await expect(failed).rejects.toMatchObject({ code: 'STREAM_FAILED', message: expect.stringMatching(/.{20}/) });
      await driver().dropDatabase(host, next);
    });

    it('cannot be dumped when it is gone: that is said, and nothing takes the place of another', async () => {
      const before = await php(site, 'sum');
      const gone = copy(next, site);
      await expect(gone).rejects.toMatchObject({ code: expect.stringMatching(/^[A-Z_]+$/) });
      const nothing = on().host.act('stream.copy', {
        from: says('/dev/null'),
        into: await driver().load(on().host, site),
      });
      await nothing.catch(() => undefined);
      expect(await php(site, 'sum')).toEqual(before);
    });

    it('has a prompt of its own as the site’s user, or what is missing for it is named', async () => {
      const { host } = on();
      const prompt = await driver()
        .prompt(host, site)
        .catch((error: { code: string }) => error);
      if ('code' in prompt)
        return expect(prompt).toMatchObject({ code: 'CLIENT_MISSING', hint: expect.stringMatching(/./) });
      expect(prompt.user).toBe(site.handle);
      const { user, file, args, cwd } = prompt;
      const asked = await host.act(
        'user.run',
        { user, file, args, cwd },
        { input: 'SELECT count(*) AS n FROM thing;\n' },
      );
      expect(asked, asked.stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(/3\d\d/) });
    });

    it('goes whole, once or twice alike', async () => {
      const { host } = on();
      await driver().make(host, next);
      for (let time = 0; time < 2; time += 1) {
        await driver().drop(host, next);
        await driver().drop(host, site);
      }
      for (const one of [site, next]) expect(await driver().present(host, one)).toEqual([]);
    });
  });

  describe(`what an administrator may ask of ${name}`, () => {
    it('is whether it can be administered, and a try that leaves nothing behind', async () => {
      const { host, server } = on();
      await driver().ask(host, server);
      for (let time = 0; time < 2; time += 1) await driver().tryOut(host, server);
      await driver().clearTryOut(host, server);
      const account = `${server.handlePrefix}999999`;
      const none = { ...site, handle: account, release: { number: 1, database: `${account}r1` } };
      expect(await driver().present(host, none)).toEqual([]);
    });

    it.skipIf(alwaysRuns)('fails with its code while it is stopped (needs a process of its own)', async () => {
      const { host, server } = on();
      await driver().control(host, server, 'stop');
      const unreachable = { code: 'DB_UNREACHABLE', hint: expect.stringMatching(/./) };
      for (const asking of [
        () => driver().ask(host, server),
        () => driver().present(host, site),
        () => driver().bytes(host, site),
        () => driver().folder(host, site),
        () => driver().tryOut(host, server),
      ])
        await expect(asking()).rejects.toMatchObject(unreachable);
      await driver().control(host, server, 'start');
      await driver().ask(host, server);
    });
  });
}
