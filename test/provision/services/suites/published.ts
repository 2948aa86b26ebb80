import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeError } from '../../../../src/provision/model/errors.ts';
import type { SiteServiceDriver } from '../../../../src/provision/services/service.ts';
import { damaged, filesOf, type Tried } from './running.ts';

/** What publishing and undoing a site's files must do with a driver that has some; http and php run. */
export function publishedDriver(on: () => Tried, kind: string, name: string): void {
  const driver = () => on().services.of({ kind, driver: name }) as SiteServiceDriver;
  const generation = () => driver().generation(on().host, on().server);
  const limited = (memoryMb: number) => ({ ...on().site, aliases: [], php: { ...on().site.php, memoryMb } });
  const memory = () => on().asks('ini', 'memory_limit');

  describe(`what is published by ${kind} of ${name}`, () => {
    it('is in effect once it is published, by processes that are all new, and as before once it is undone', async () => {
      const earlier = await generation();
      const before = await on().put(limited(96));
      const later = await generation();
      expect(later.filter((one) => earlier.includes(one))).toEqual([]);
      expect(later).not.toEqual([]);
      expect(await memory()).toBe('96M');
      // An undo is tried again when it was interrupted.
      for (let time = 0; time < 2; time += 1) await on().undo(before);
      expect(await memory()).toBe('64M');
      expect((await on().fetch(on().site.aliases[0] ?? '', '/page.txt')).body).toBe('page');
    });

    it('reloads nothing when nothing has changed', async () => {
      const earlier = await generation();
      expect(await on().put(on().site)).toEqual([]);
      expect(await generation()).toEqual(earlier);
    });

    it('is refused where any file of it is damaged, with the file and the reason, and nothing changes', async () => {
      const [file] = filesOf(driver(), on().site);
      if (!file) throw new Error(`${name} writes no file for a site`);
      const newcomer = await on().makeSite(4, 'four.localhost');
      const earlier = await generation();
      await damaged(file.path, 'nonsense = {', file.text, async () => {
        const error = await on()
          .put(newcomer)
          .then(
            () => undefined,
            (reason: unknown) => describeError(reason),
          );
        expect(error).toMatchObject({ code: 'CONFIG_REFUSED' });
        expect(`${error?.message} ${error?.hint}`).toContain(file.path);
        expect(error?.hint).not.toBe('');
        expect(await generation()).toEqual(earlier);
        expect((await on().fetch(on().site.uri, '/')).status).toBe(200);
        expect(readFileSync(file.path, 'utf8')).toBe('nonsense = {');
      });
      for (const { driver: each } of on().services.forSites(on().server))
        for (const { path, once } of filesOf(each, newcomer)) if (!once) expect(existsSync(path), path).toBe(false);
      await on().put(newcomer);
      expect((await on().fetch(newcomer.uri, '/page.txt')).body).toBe('page');
      await on().take(newcomer);
    });
  });
}
