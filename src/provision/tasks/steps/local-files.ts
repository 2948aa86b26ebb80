import { join } from 'node:path';
import type { Host } from '../../host/host.ts';
import { type SiteContext, sitePaths } from '../../model/context.ts';
import type { Json } from '../../model/errors.ts';
import type { Manifest } from '../model/manifest.ts';
import type { StepIo } from '../model/task.ts';

/** Files that people write for a site's vhost and pool. */
const isLocal = (name: string): boolean => /^local\.(?:vhost|pool)[a-z0-9._-]*\.conf$/.test(name);
/** Lines that are neither empty nor a comment of either service. */
const linesOf = (text: string): string[] => text.split('\n').filter((line) => /^\s*[^\s#;]/.test(line));

/** People's own files for vhost and pool, by name; files without effective lines are left out. */
export async function localFiles(host: Host, site: SiteContext): Promise<Record<string, string>> {
  const { local } = sitePaths(site);
  const kept: Record<string, string> = {};
  for (const name of (await host.list(local)).filter(isLocal)) {
    const text = await host.readText(join(local, name), 1024 * 1024);
    if (text !== undefined && linesOf(text).length > 0) kept[name] = text;
  }
  return kept;
}

/**
 * Restores people's own files and the schedules of a site that is recreated under its own name. Lines of a foreign
 * backup are only logged: a pool's line can change the user, and their author is unknown.
 */
export async function restoreLocalFiles(site: SiteContext, manifest: Manifest, io: StepIo): Promise<void> {
  const { local, foreign, schedules } = manifest;
  const own = site.uri === manifest.site.uri;
  if (own && schedules) io.report({ schedules: schedules as unknown as Json });
  for (const [name, text] of Object.entries(local).filter(([file]) => isLocal(file))) {
    if (own && !foreign) {
      const path = join(sitePaths(site).local, name);
      const there = await io.host.readText(path, 1024 * 1024);
      // Lines that people have written since are not overwritten.
      if (linesOf(there ?? '').length === 0) await io.host.act('file.write', { path, text, mode: 0o644 });
      continue;
    }
    const why = foreign ? 'it comes from elsewhere' : `it was written for ${manifest.site.uri}`;
    const verb = name.startsWith('local.pool') ? 'pool' : 'vhost';
    io.log('warning', `${name} of the backup is left out, for ${why}; to take it: aegir site edit ${site.uri} ${verb}`);
    for (const line of linesOf(text)) io.log('info', `${name}: ${line}`);
  }
}

/** The restored schedules, for the commit; tasks that were not scheduled are unscheduled. */
export function schedulesIn({ schedules }: Readonly<Record<string, Json>>) {
  if (!Array.isArray(schedules)) return undefined;
  const found = schedules as unknown as NonNullable<Manifest['schedules']>;
  return Object.fromEntries(
    ['site.cron', 'site.backup'].map((type) => {
      const schedule = found.find((one) => one.type === type);
      return [type, schedule ? { minutes: schedule.minutes, args: schedule.args } : { minutes: 0 }];
    }),
  );
}
