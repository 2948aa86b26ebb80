import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Host } from '../../../../src/provision/host/host.ts';
import type { ServerContext, ServiceContext } from '../../../../src/provision/model/context.ts';
import type { DatabaseDriver } from '../../../../src/provision/services/service.ts';
import type { Services } from '../../../../src/provision/services/services.ts';

/** What the tests of any driver need of a server. */
export interface AnyServer {
  server: ServerContext;
  host: Host;
  services: Services;
}

/** What a driver of any kind must do. `alwaysRuns`: it is part of another program and cannot be stopped alone. */
export function anyDriver(on: () => AnyServer, kind: string, name: string, { alwaysRuns = false } = {}): void {
  const service = (): ServiceContext => {
    const found = on().server.services.find((one) => one.kind === kind && one.driver === name);
    if (!found) throw new Error(`the server has no ${kind} service of ${name}`);
    return found;
  };
  const driver = () => on().services.of(service());
  const state = (server = on().server) => driver().state(on().host, server);
  const startedMs = (server = on().server) => driver().startedMs(on().host, server);
  const control = (action: 'start' | 'stop' | 'restart' | 'reload') => driver().control(on().host, on().server, action);
  /** A daemon that has just written its pid file may miss a signal to end. */
  const answers = async (): Promise<void> => {
    const { ask } = driver() as Partial<DatabaseDriver>;
    await ask?.(on().host, on().server);
  };
  /** The server with other settings of this service. */
  const changed = (settings: ServiceContext['settings'], root = on().server.root): ServerContext => ({
    ...on().server,
    root,
    services: on().server.services.map((one) => (one === service() ? { ...one, settings } : one)),
  });

  describe(`${kind} by ${name}`, () => {
    it('is found by its kind and name', () => {
      expect(driver()).toMatchObject({ kind, name });
      expect(() => on().services.of({ kind, driver: 'other' })).toThrow(
        expect.objectContaining({ code: 'DRIVER_UNKNOWN' }),
      );
    });

    it('runs, and accepts its configuration', async () => {
      expect(await state()).toBe('running');
      expect(await startedMs()).toBeGreaterThan(0);
      for (const warning of await driver().test(on().host, on().server)) expect(warning).not.toBe('');
    });

    it('detects what is installed, with settings that it understands, or nothing', async () => {
      const { host } = on();
      const packaged = await driver().packaged?.(host, '8.4');
      const detected = await driver().detect(host);
      for (const found of [...detected, ...(packaged ? [packaged] : [])]) {
        expect(found).toMatchObject({ kind, driver: name, version: expect.any(String) });
        expect(['running', 'stopped', 'absent']).toContain(await state(changed(found.settings)));
      }
      for (const { version } of detected) expect(version).toMatch(/^\d+\.\d+/);
    });

    it('changes nothing when it is started while it runs', async () => {
      const before = await startedMs();
      await control('start');
      expect([await state(), await startedMs()]).toEqual(['running', before]);
    });

    it('still runs after a reload', async () => {
      if (driver().kind === 'db') return;
      await control('reload');
      await expect.poll(() => state()).toBe('running');
    });

    it.skipIf(alwaysRuns)('does not run where its files are not (needs a process of its own)', async () => {
      const away = (value: unknown) => typeof value === 'string' && value.startsWith('/');
      const settings = Object.fromEntries(
        Object.entries(service().settings).map(([key, value]) => [key, away(value) ? `/nonexistent${value}` : value]),
      );
      const server = changed(settings, '/nonexistent');
      const hasProgram = Object.values(service().settings).some(away);
      expect(await state(server)).toBe(hasProgram ? 'absent' : 'stopped');
      expect(await startedMs(server)).toBe(0);
    });

    it('does not run by a stale pid file', async () => {
      if (!('pidFile' in service().settings)) return;
      const pidFile = join(on().server.root, 'stale.pid');
      const server = changed({ ...service().settings, pidFile });
      for (const text of [String(process.pid), '', '0', '-1', 'x', '999999999']) {
        writeFileSync(pidFile, text);
        expect(await state(server)).toBe('stopped');
      }
    });

    it.skipIf(alwaysRuns)(
      'stops, starts and restarts, and is in that state when it says so (needs a process of its own)',
      async () => {
        const first = await startedMs();
        for (let time = 0; time < 2; time += 1) {
          await control('stop');
          expect([await state(), await startedMs()]).toEqual(['stopped', 0]);
        }
        await control('start');
        expect(await state()).toBe('running');
        await answers();
        const second = await startedMs();
        expect(second).toBeGreaterThan(first);
        await control('restart');
        expect(await state()).toBe('running');
        expect(await startedMs()).toBeGreaterThan(second);
      },
    );
  });
}
