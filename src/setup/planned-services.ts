import { join } from 'node:path';
import type { FileFact, Host } from '../provision/host/host.ts';
import type { ServiceContext } from '../provision/model/context.ts';
import { osRelease, type SetupTarget, systemPath } from './target.ts';

/**
 * Services that are not installed yet, as setup's packages will install them, so that the plan can list the files that
 * they will read. Their versions are unknown; PHP's branch is that of apt's candidate.
 */
export async function plannedServices(
  target: SetupTarget,
  host: Host,
  present: readonly ServiceContext[],
): Promise<ServiceContext[]> {
  const missing = target.services.drivers.filter(({ name }) => !present.some(({ driver }) => driver === name));
  if (missing.length === 0) return [];
  const branch = await plannedPhpBranch(target, host);
  const packaged = await Promise.all(missing.map((driver) => driver.packaged?.(host, branch)));
  return packaged.filter((one) => one !== undefined);
}

/**
 * A host on which the default site and default pool exist, as the packages of these services install them. More
 * services may be added to the list later.
 */
export function withPackagedFiles(target: SetupTarget, host: Host, services: readonly ServiceContext[]): Host {
  const { httpDefault, phpPools } = target.family.files;
  const fact: FileFact = { kind: 'file', mode: 0o644, uid: 0, gid: 0, size: 0, modifiedMs: 0 };
  const laidDown = (path: string): FileFact | undefined => {
    for (const { kind, settings } of services) {
      if (kind === 'http' && path === systemPath(target, httpDefault)) return { ...fact, kind: 'link', target: '' };
      if (kind !== 'php') continue;
      if (path === systemPath(target, join(phpPools(String(settings.branch)), 'www.conf'))) return fact;
    }
    return undefined;
  };
  return { ...host, stat: async (path) => (await host.stat(path)) ?? laidDown(path) };
}

/**
 * `8.4`: of apt's candidate (apt-cache(8), `policy`), which may be from another archive; otherwise the release's own.
 */
async function plannedPhpBranch(target: SetupTarget, host: Host): Promise<string> {
  const asked = await host.ask({ file: 'apt-cache', args: ['policy', 'php-fpm'], timeoutMs: 30_000 });
  const candidate = /^ *Candidate: (?:\d+:)?(\d+\.\d+)/m.exec(asked.stdout)?.[1];
  const { id, version } = await osRelease(target, host);
  return candidate ?? target.family.phpBranch(id, version);
}
