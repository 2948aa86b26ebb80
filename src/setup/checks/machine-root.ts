import { join } from 'node:path';
import { openInventoryForReading } from '../../db/inventory.ts';
import { listSites } from '../../db/sites.ts';
import { describeError } from '../../provision/model/errors.ts';
import { rootPaths } from '../../provision/model/paths.ts';
import type { Check, SetupContext } from '../check.ts';
import { knownPhpBranches, systemPath } from '../target.ts';

/**
 * The files of web server, PHP and systemd refer to this root folder only: rewriting them for another one would take
 * all of its sites offline, so that requires naming it (`setup --replace ROOT`).
 */
export const machineRoot: Check = {
  id: 'machine-root',
  title: 'Root of this machine',
  stops: true,
  async check(context) {
    const { root } = context.target.paths;
    const others = (await namedRoots(context)).filter((named) => named.root !== root);
    const [other] = others.filter((named) => named.root !== context.target.replaces);
    if (!other) return undefined;
    const files = others.filter((named) => named.root === other.root).map(({ file }) => file);
    const [subject, verb] = files.length > 1 ? [files.join(', '), 'name'] : [files[0], 'names'];
    const replace = `aegir --root ${root} setup --replace ${other.root}`;
    const sites = sitesOf(other.root);
    return {
      code: 'OTHER_ROOT',
      message: `${subject} ${verb} the root ${other.root}, not ${root}: ${sites.text}`,
      hint: sites.there
        ? `aegir --root ${other.root} setup repairs that server. To replace it by ${root}, which takes its sites offline: ${replace}`
        : `Mount or restore ${other.root}, then aegir --root ${other.root} setup. If it is gone for good: ${replace}`,
    };
  },
};

/** The root folder in each file of setup, as far as the file exists and was made by setup. */
export async function namedRoots({ host, target }: SetupContext): Promise<{ file: string; root: string }[]> {
  const { httpInclude, phpPools, unit } = target.family.files;
  const files = [httpInclude, ...knownPhpBranches.map((branch) => join(phpPools(branch), 'aegir.conf')), unit];
  const named: { file: string; root: string }[] = [];
  for (const file of files.map((path) => systemPath(target, path))) {
    const text = (await host.readText(file)) ?? '';
    const [, included, started] = /"(\/[^"]*)\/config\/(?:nginx|php)\/|^ExecStart=.* --root (\S+)$/m.exec(text) ?? [];
    const root = included ?? started;
    if (root !== undefined && /^[#;] Made by aegir setup/.test(text)) named.push({ file, root });
  }
  return named;
}

/** What would be lost with a root folder; without an inventory it was deleted, or its disk is not mounted. */
function sitesOf(root: string): { there: boolean; text: string } {
  try {
    const inventory = openInventoryForReading(rootPaths(root).inventory);
    if (!inventory) return { there: false, text: 'there is no inventory' };
    const count = listSites(inventory).length;
    inventory.close();
    return { there: true, text: count === 1 ? 'it has a site' : `it has ${count || 'no'} sites` };
  } catch (error) {
    // An unreadable inventory may contain sites all the same.
    return { there: true, text: describeError(error).message };
  }
}
