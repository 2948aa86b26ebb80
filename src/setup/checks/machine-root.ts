import { join } from 'node:path';
import { openInventoryForReading } from '../../db/inventory.ts';
import { listSites } from '../../db/sites.ts';
import { describeError } from '../../provision/model/errors.ts';
import { rootPaths } from '../../provision/model/paths.ts';
import type { Check, SetupContext } from '../check.ts';
import { phpBranches, systemPath } from '../target.ts';

/**
 * The files of web server, PHP and systemd name no other root than this one: written anew for another they would take
 * every site of it off, so that is done only when the other root is named (`setup --replace ROOT`).
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
      detail: `${subject} ${verb} the root ${other.root}, not ${root}: ${sites.text}`,
      remedy: sites.there
        ? `aegir --root ${other.root} setup mends that server. ${root} in its place takes its sites off: ${replace}`
        : `Mount or restore ${other.root}, then aegir --root ${other.root} setup. If it is gone for good: ${replace}`,
    };
  },
};

/** The root that each file of setup names, as far as it is there and setup made it. */
export async function namedRoots({ host, target }: SetupContext): Promise<{ file: string; root: string }[]> {
  const { httpInclude, phpPools, unit } = target.family.files;
  const files = [httpInclude, ...phpBranches.map((branch) => join(phpPools(branch), 'aegir.conf')), unit];
  const named: { file: string; root: string }[] = [];
  for (const file of files.map((path) => systemPath(target, path))) {
    const text = (await host.readText(file)) ?? '';
    const [, included, started] = /"(\/[^"]*)\/config\/(?:nginx|php)\/|^ExecStart=.* --root (\S+)$/m.exec(text) ?? [];
    const root = included ?? started;
    if (root !== undefined && /^[#;] Made by aegir setup/.test(text)) named.push({ file, root });
  }
  return named;
}

/** What would be lost with a root; a folder without inventory was deleted, or its disk is not mounted. */
function sitesOf(root: string): { there: boolean; text: string } {
  try {
    const inventory = openInventoryForReading(rootPaths(root).inventory);
    if (!inventory) return { there: false, text: 'there is no inventory' };
    const count = listSites(inventory).length;
    inventory.close();
    return { there: true, text: count === 1 ? 'it has a site' : `it has ${count || 'no'} sites` };
  } catch (error) {
    // One that cannot be read may have sites all the same.
    return { there: true, text: describeError(error).message };
  }
}
