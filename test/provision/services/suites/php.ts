import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sitePaths } from '../../../../src/provision/model/context.ts';
import { scratch, type Tried, type TriedServer } from './running.ts';

/** What PHP must do for the sites of a server, behind any web server. */
export function phpDriver(on: () => Tried, name: string, limits: TriedServer['limits']): void {
  const driver = () => on().services.php(on().server);
  const status = async (path: string) => (await on().fetch(on().site.uri, path)).status;
  /** PHP of the command line, as the site's user. */
  const run = (...args: string[]) => {
    const [file = '', ...before] = driver().commandLine(on().server);
    const { handle } = on().site;
    const cwd = sitePaths(on().site).release;
    return on().host.act('user.run', { user: handle, file, args: [...before, ...args], cwd, timeoutMs: 60_000 });
  };

  describe(`the limits of a site by ${name}`, () => {
    it('are what PHP works with, each site its own', async () => {
      expect(await on().asks('ini', 'memory_limit')).toBe('64M');
      expect(await on().asks('ini', 'memory_limit', on().neighbour)).toBe('256M');
      if (limits === 'shared') return;
      expect(await on().asks('ini', 'upload_max_filesize')).toBe('2M');
      expect(await on().asks('ini', 'max_execution_time')).toBe('5');
    });

    it.skipIf(limits !== 'fixed')('cannot be raised by its code (needs PHP-FPM)', async () => {
      expect(await on().asks('set', 'memory_limit')).toBe('64M');
      expect(await on().asks('set', 'open_basedir')).not.toBe('4096M');
    });

    it('end a request that never ends, while a neighbour is answered', async () => {
      const [endless, neighbour] = await Promise.all([
        status('/?do=forever'),
        on().fetch(on().neighbour.uri, '/?do=ini&path=memory_limit'),
      ]);
      expect([500, 502, 504]).toContain(endless);
      expect(neighbour.status).toBe(200);
      expect(await status('/')).toBe(200);
    }, 60_000);

    it('end a request that wants too much memory, and the next one is answered', async () => {
      const page = await on().fetch(on().site.uri, '/?do=memory');
      expect([200, 500, 502]).toContain(page.status);
      expect(page.body).not.toContain('null');
      expect(await status('/')).toBe(200);
    });
  });

  describe(`a site on ${name}`, () => {
    it('reads and writes its own folders, and reads none of the machine or of a neighbour', async () => {
      const own = scratch(on().site, 'own.txt');
      expect(await on().asks('write', own)).toBe(true);
      expect(await on().asks('read', own)).toBe(true);
      for (const path of ['/etc/passwd', '/proc/self/environ', scratch(on().neighbour, 'own.txt')]) {
        expect(await on().asks('read', path), path).toBe(false);
        expect(await on().asks('write', path), path).toBe(false);
      }
    });

    it('has its errors in its own log', async () => {
      expect(await on().asks('log')).toBe(true);
      const log = join(sitePaths(on().site).logs, 'error.log');
      const says = () => existsSync(log) && readFileSync(log, 'utf8').includes('a line of one.localhost');
      await expect.poll(says).toBe(true);
      const other = join(sitePaths(on().neighbour).logs, 'error.log');
      if (existsSync(other)) expect(readFileSync(other, 'utf8')).not.toContain('a line of one.localhost');
    });

    it('has its running requests waited for when a task drains it, and goes on after that', async () => {
      const mark = scratch(on().site, 'work.txt');
      const page = on().fetch(on().site.uri, `/?do=work&path=${encodeURIComponent(mark)}`);
      const said = () => (existsSync(mark) ? readFileSync(mark, 'utf8') : '');
      await expect.poll(said).toBe('begun');
      expect(await driver().drain(on().host, on().site)).toEqual({ ended: 0 });
      expect(said()).toBe('done');
      expect((await page).body).toBe('"worked"');
      expect(await status('/')).toBe(200);
    });

    it('without requests is drained at once', async () => {
      expect(await driver().drain(on().host, on().neighbour)).toEqual({ ended: 0 });
    });
  });

  describe(`the command line of ${name}`, () => {
    it('is PHP of the version that visitors get, with settings, input, output and exit code', async () => {
      const file = scratch(on().site, 'command.php');
      const code =
        '<?php echo json_encode([PHP_VERSION, ini_get("memory_limit"), trim(stream_get_contents(STDIN))]); exit(7);';
      const { host, server, site } = on();
      const [php = '', ...before] = driver().commandLine(server);
      const made = await host.act(
        'user.run',
        {
          user: site.handle,
          file: php,
          args: [...before, '-r', `file_put_contents($argv[1], $argv[2]);`, file, code],
          cwd: '/',
        },
        {},
      );
      expect(made, made.stderr).toMatchObject({ code: 0 });
      const answer = await host.act(
        'user.run',
        {
          user: site.handle,
          file: php,
          args: [...before, '-d', 'memory_limit=99M', file],
          cwd: sitePaths(site).release,
        },
        { input: 'said\n' },
      );
      expect(answer.code).toBe(7);
      const [version, memory, input] = JSON.parse(answer.stdout) as string[];
      expect(version).toMatch(/^\d+\.\d+\.\d+/);
      const recorded = server.services.find(({ kind }) => kind === 'php')?.version ?? '';
      expect(version?.startsWith(recorded) || recorded.startsWith(version ?? '')).toBe(true);
      expect([memory, input]).toEqual(['99M', 'said']);
    });

    it('says on stderr what is wrong, and fails', async () => {
      const { code, stderr, stdout } = await run('-d', 'display_errors=stderr', '/nonexistent.php');
      expect(code).not.toBe(0);
      expect(stderr + stdout).toMatch(/nonexistent\.php/);
    });

    it('has what sites need, and a hint where it has not', async () => {
      const { stdout } = await run('-m');
      for (const extension of ['json', 'mbstring', 'PDO', 'xml'])
        expect(stdout.toLowerCase()).toContain(extension.toLowerCase());
      expect(driver().extensionsHint).not.toBe('');
      expect(driver().network).toBeTypeOf('boolean');
    });
  });
}
