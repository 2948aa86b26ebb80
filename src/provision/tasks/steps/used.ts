import { codeTree } from '../../engines/code-tree.ts';
import { changesFor, changeText, missingThere } from '../../engines/compare-packages.ts';
import type { PackageInfo, PlatformContext, SiteContext } from '../../model/context.ts';
import { AegirError } from '../../model/errors.ts';
import type { Step, StepIo, TaskContext } from '../model/task.ts';
import { nextRelease } from './release.ts';
import { packagesIn, tryToBoot } from './updates.ts';

/**
 * Checks what a site uses at present, which may be more than the inventory knows: asks the CMS, and reads the code of
 * both platforms. If the CMS cannot answer, the update of the copy will tell. Throws `MIGRATE_MISSING`.
 */
export const checkUsed: Step<TaskContext<'site', { anyway: boolean }>> = {
  name: 'used',
  title: 'Ask the CMS what it uses',
  async run(ctx, io) {
    const { site, args } = ctx;
    const { platform } = nextRelease(ctx);
    const used = await usedBy(site, io);
    if (used === undefined) return;
    const changes = changesFor(used, await packagesOf(io, site.platform), await packagesOf(io, platform));
    const missing = missingThere(site.uri, platform.name, changes);
    if (missing && !args.anyway) throw new AegirError(missing.code, missing.message, missing.hint, 'platform');
    for (const change of changes) {
      io.log(change.verdict === 'upgrade' ? 'info' : 'warning', `on ${platform.name}: ${changeText(change)}`);
    }
  },
};

async function usedBy(site: SiteContext, io: StepIo): Promise<PackageInfo[] | undefined> {
  await tryToBoot(site, io);
  return packagesIn(io.result);
}

async function packagesOf({ host, engines }: StepIo, { root }: PlatformContext): Promise<PackageInfo[]> {
  return (await engines.detect(codeTree(host, root)))?.detection.packages ?? [];
}
