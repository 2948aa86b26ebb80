import { z } from 'zod';
import { packageInfo, type PlatformContext, profile } from '../context.ts';
import { codeTree, detectEngine, engines } from '../engines/registry.ts';
import { AegirError, type Json } from '../errors.ts';
import type { Host } from '../host/host.ts';

/** What detection finds, as it travels in a task's result. */
export const found = z.object({
  engine: z.string(),
  version: z.string(),
  docroot: z.string(),
  profiles: z.array(profile),
  packages: z.array(packageInfo),
});

/** Detects the engine of a folder that came from `source`. Throws `CMS_UNKNOWN`, `CMS_CONFIGURED`. */
export async function detectPlatform(host: Host, root: string, source: string): Promise<z.infer<typeof found>> {
  const detected = await detectEngine(codeTree(host, root));
  if (!detected) {
    const looked = engines.map((engine) => `${engine.looksFor} (${engine.title})`).join('; ');
    throw new AegirError('CMS_UNKNOWN', `${source} holds no CMS that this program knows`, `Looked for: ${looked}.`, 'from');
  }
  const { engine, detection } = detected;
  if (detection.configuredSite !== undefined) {
    throw new AegirError(
      'CMS_CONFIGURED',
      `${source} is a configured site of its own (${detection.configuredSite})`,
      'A platform is code alone; adopting such a site is the work of: site import.',
      'from',
    );
  }
  const { version, docroot, profiles, packages } = detection;
  return { engine: engine.name, version, docroot, profiles, packages };
}

/** A platform's context completed by what detection has just reported. */
export function platformFrom(platform: PlatformContext, result: Readonly<Record<string, Json>>): PlatformContext {
  const { engine, version, docroot, profiles } = found.parse(result);
  return { ...platform, engine, version, docroot, profiles };
}
