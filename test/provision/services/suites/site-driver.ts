import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SiteServiceDriver } from '../../../../src/provision/services/service.ts';
import { sampleSite } from '../sample-site.ts';
import type { AnyServer } from './any.ts';
import { filesOf } from './running.ts';

/** What a driver of any kind must do that has configuration files for each site. Its server runs. */
export function siteDriver(on: () => AnyServer, kind: string, name: string): void {
  const driver = () => on().services.of({ kind, driver: name }) as SiteServiceDriver;
  const one = () => sampleSite(on().server, 1, 'one.localhost');
  const other = () => sampleSite(on().server, 2, 'two.localhost');
  const serverFiles = () => driver().serverFiles(on().server);

  describe(`the files of ${kind} by ${name}`, () => {
    it('are the same each time, and those of two sites have nothing in common', () => {
      expect(filesOf(driver(), one())).toEqual(filesOf(driver(), one()));
      expect(serverFiles()).toEqual(serverFiles());
      const paths = [...serverFiles(), ...filesOf(driver(), one()), ...filesOf(driver(), other())].map(
        ({ path }) => path,
      );
      expect(new Set(paths).size).toBe(paths.length);
      for (const path of paths) expect(path.startsWith(`${on().server.root}/`), path).toBe(true);
    });

    it('of a site are at the same paths whatever is set for it, so that a removal finds them', () => {
      const site = one();
      const paths = (changed = {}) => filesOf(driver(), { ...site, ...changed }).map(({ path }) => path);
      const auth = { user: 'guest', hash: '{SSHA}x' };
      expect(
        paths({ aliases: [], web: { ...site.web, serving: 'disabled', auth }, php: { ...site.php, timeS: 9 } }),
      ).toEqual(paths());
      expect(paths({ uri: 'renamed.localhost' })).toEqual(paths());
    });

    it('are readable to nobody who need not read them', () => {
      for (const file of [...serverFiles(), ...filesOf(driver(), one())]) {
        expect(file.mode & 0o022, file.path).toBe(0);
        if (file.secret) expect(file.mode & 0o007, file.path).toBe(0);
      }
    });

    it('are known as what the daemon reads, and no other file is', () => {
      const { server } = on();
      const first = filesOf(driver(), one())[0];
      expect(first && driver().reads(server, first.path)).toBe(true);
      for (const { path } of serverFiles()) expect(driver().reads(server, path), path).toBe(true);
      for (const path of ['/etc/passwd', `${server.root}/sites/aeg1/releases/1/settings/settings.php`])
        expect(driver().reads(server, path)).toBe(false);
    });

    it('lie in folders that it names, parents first, or in those of the root and the site', () => {
      const named = driver()
        .folders(on().server)
        .map(({ path }) => path);
      for (const [index, path] of named.entries()) {
        expect(existsSync(path), path).toBe(true);
        expect(named.slice(index).includes(dirname(path)), `${path} comes before its parent`).toBe(false);
      }
      for (const { path, once } of serverFiles()) if (!once) expect(existsSync(dirname(path)), path).toBe(true);
    });

    it('are included by one line of the daemon’s own configuration, or belong to the program alone', () => {
      expect(driver().include(on().server)).toMatch(/^[^\n]*$/);
    });

    it('have been read anew when everything that serves is of another generation', async () => {
      const { host, server } = on();
      const before = await driver().generation(host, server);
      expect(before).not.toEqual([]);
      expect(await driver().generation(host, server)).toEqual(before);
    });
  });
}
