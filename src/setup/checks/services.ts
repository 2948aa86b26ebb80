import { join } from 'node:path';
import { writeFiles } from '../../provision/host/change-files.ts';
import { phpBranches, type ServiceContext, serviceName, serviceOf } from '../../provision/model/context.ts';
import { describeError } from '../../provision/model/errors.ts';
import type { GeneratedFile } from '../../provision/model/generated-file.ts';
import type { Check, SetupContext, Wrong } from '../check.ts';
import { type SetupTarget, systemPath } from '../target.ts';

const has = ({ server }: SetupContext, kind: 'http' | 'php' | 'db'): boolean =>
  server.services.some((service) => service.kind === kind);

const notInstalled = (what: string): Wrong => ({
  code: 'SERVICE_MISSING',
  message: `${what} is not installed`,
  hint: 'aegir setup installs it.',
});

/** The files with which web server and PHP include this program's configuration. */
function includes(context: SetupContext): GeneratedFile[] {
  const { target, server } = context;
  const file = (path: string, text: string): GeneratedFile => ({
    path: systemPath(target, path),
    text,
    group: 'root',
    mode: 0o644,
  });
  const byKind = target.services
    .forSites(server)
    .toSorted((one, other) => one.service.kind.localeCompare(other.service.kind));
  return byKind.flatMap(({ service, driver, server }) => {
    if (service.kind === 'http') {
      const text = `# Made by aegir setup: the sites of Aegir Console.\n${driver.include(server)}\n`;
      return [file(target.family.files.httpInclude, text)];
    }
    if (service.kind !== 'php') return [];
    const text = `; Made by aegir setup: the pools of Aegir Console.\n${driver.include(server)}\n`;
    return [file(join(target.family.files.phpPools(String(service.settings.branch)), 'aegir.conf'), text)];
  });
}

/** The lines that include this program's configuration, and its parts that belong to no site. */
export const serviceConfig: Check = {
  id: 'config',
  title: 'Configuration of web server and PHP',
  async check(context) {
    if (!has(context, 'http') || !has(context, 'php')) return notInstalled('web server or PHP');
    const differing: string[] = [];
    for (const { path, text } of [...context.target.services.serverFiles(context.server), ...includes(context)]) {
      if ((await context.host.readText(path)) !== text) differing.push(path);
    }
    if (differing.length === 0) return undefined;
    return {
      code: 'CONFIG_DIFFERS',
      message: `different from what setup writes: ${differing.join(', ')}`,
      hint: 'aegir setup writes them.',
    };
  },
  async fix(context) {
    if (!has(context, 'http') || !has(context, 'php')) return;
    await writeFiles(context.host, [...context.target.services.serverFiles(context.server), ...includes(context)]);
  },
};

/** The distribution's default site would answer requests for unknown names. */
export const defaultSite: Check = {
  id: 'default-site',
  title: 'Default site of the web server',
  async check({ host, target }) {
    const path = systemPath(target, target.family.files.httpDefault);
    const fact = await host.stat(path);
    if (!fact) return undefined;
    if (fact.kind === 'link')
      return {
        code: 'DEFAULT_SITE',
        message: `${path} answers for names that no site has`,
        hint: `rm ${path} (the file that it links to stays)`,
      };
    return {
      code: 'DEFAULT_SITE',
      message: `${path} is a file of your own`,
      hint: 'Move it to conf.d under another name without "default_server".',
      warning: true,
    };
  },
  async fix({ host, target }) {
    const path = systemPath(target, target.family.files.httpDefault);
    if ((await host.stat(path))?.kind === 'link') await host.act('link.remove', { path });
  },
};

/** The distribution's pool runs as the web server's user, who can open every site's socket. */
export const defaultPool: Check = {
  id: 'default-pool',
  title: 'Default pool of PHP',
  async check(context) {
    if (!has(context, 'php')) return notInstalled('PHP-FPM');
    const [path] = await defaultPools(context);
    if (path === undefined) return undefined;
    return {
      code: 'DEFAULT_POOL',
      message: `${path} runs as the web server's own user, who can open every site's socket`,
      hint: `mv ${path} ${path}.disabled`,
    };
  },
  async fix(context) {
    if (!has(context, 'php')) return;
    for (const path of await defaultPools(context)) {
      const text = await context.host.readText(path);
      if (text === undefined) continue;
      await context.host.act('file.write', { path: `${path}.disabled`, text, mode: 0o644 });
      await context.host.act('file.remove', { path });
    }
  },
};

async function defaultPools(context: SetupContext): Promise<string[]> {
  const { host, target } = context;
  const there: string[] = [];
  for (const branch of phpBranches(context.server.services)) {
    const path = systemPath(target, join(target.family.files.phpPools(branch), 'www.conf'));
    if (await host.stat(path)) there.push(path);
  }
  return there;
}

/** Web server, PHP and database run. */
export const servicesRun: Check = {
  id: 'services',
  title: 'Services run',
  async check(context) {
    const { host, server, target } = context;
    for (const kind of ['http', 'php', 'db'] as const)
      if (!has(context, kind)) return notInstalled(`a service of kind ${kind}`);
    const down: string[] = [];
    for (const { service, driver, server: its } of target.services.all(server)) {
      if ((await driver.state(host, its)) !== 'running') down.push(serviceName(service));
    }
    return down.length === 0
      ? undefined
      : { code: 'SERVICE_DOWN', message: `not running: ${down.join(', ')}`, hint: 'aegir setup starts them.' };
  },
  async fix({ host, server, target }) {
    for (const { driver, server: its } of target.services.all(server)) {
      if (!host.planning) await driver.test(host, its);
      if ((await driver.state(host, its)) !== 'running') await driver.control(host, its, 'start');
    }
  },
};

/** The running services were started before the configuration changed, or would not start with it. */
export const servicesReadConfig: Check = {
  id: 'reload',
  title: 'Services use this configuration',
  async check(context) {
    const { host, server, target } = context;
    if (!has(context, 'http') || !has(context, 'php')) return notInstalled('web server or PHP');
    const stale: string[] = [];
    for (const { service, driver, server: its } of target.services.forSites(server)) {
      if ((await driver.state(host, its)) !== 'running') continue;
      const refused = host.planning ? undefined : await refusalOf(driver.test(host, its));
      if (refused) return refused;
      const started = await driver.startedMs(host, its);
      const marker = await host.stat(readMarker(target, service));
      const read = Math.max(started, marker?.modifiedMs ?? 0);
      const files = [...target.services.serverFiles(server), ...includes(context)].map(({ path }) => path);
      const changed = (await Promise.all(files.map((path) => host.stat(path)))).some(
        (fact) => (fact?.modifiedMs ?? 0) > read,
      );
      if (changed) stale.push(serviceName(service));
    }
    return stale.length === 0
      ? undefined
      : {
          code: 'CONFIG_NOT_READ',
          message: `${stale.join(' and ')} run with an older configuration`,
          hint: 'aegir setup reloads them.',
        };
  },
  async fix({ host, server, target }) {
    for (const { service, driver, server: its } of target.services.forSites(server)) {
      if ((await driver.state(host, its)) !== 'running') continue;
      if (!host.planning) await driver.test(host, its);
      await driver.control(host, its, 'reload');
      const path = readMarker(target, service);
      await host.act('file.write', { path, text: `${new Date().toISOString()}\n`, mode: 0o644 });
    }
  },
};

/** Its time says when setup reloaded a service. */
const readMarker = (target: SetupTarget, service: ServiceContext): string =>
  join(target.paths.run, `${serviceName(service)}.read`);

/** MariaDB's root user logs in by unix_socket, authenticated by the operating system. */
export const databaseRoot: Check = {
  id: 'database',
  title: 'Database can be administered',
  async check(context) {
    if (!has(context, 'db')) return notInstalled('a database');
    const { host, server, target } = context;
    if (host.planning && (await target.services.of(serviceOf(server, 'db')).state(host, server)) !== 'running') {
      return { code: 'DB_UNREACHABLE', message: 'it does not run yet', hint: 'aegir setup starts it.' };
    }
    return refusalOf(target.services.db(server).ask(host, server));
  },
};

/** The error of a service; undefined if there is none. */
async function refusalOf(asked: Promise<unknown>): Promise<Wrong | undefined> {
  try {
    await asked;
    return undefined;
  } catch (error) {
    const { code, message, hint } = describeError(error);
    return { code, message, hint };
  }
}
