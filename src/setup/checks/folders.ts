import { join } from 'node:path';
import type { ServerContext } from '../../provision/model/context.ts';
import type { RootPaths } from '../../provision/model/paths.ts';
import type { Services } from '../../provision/services/services.ts';
import type { Check } from '../check.ts';

interface Folder {
  path: string;
  owner: string;
  group: string;
  mode: number;
}

/** Every folder of a root folder, parents first. Sites' users can enter those with mode 0711 but not list them. */
export function foldersOf(paths: RootPaths, server: ServerContext, services: Services): Folder[] {
  const own = (path: string, mode: number): Folder => ({ path, owner: 'root', group: 'root', mode });
  const fixed = [
    own(paths.root, 0o711),
    own(paths.platforms, 0o755),
    own(paths.sites, 0o711),
    own(paths.byName, 0o711),
    own(paths.backups, 0o700),
    own(paths.config, 0o755),
    own(join(paths.root, 'logs'), 0o700),
    own(paths.taskLogs, 0o700),
    own(paths.cache, 0o700),
    own(paths.programs, 0o755),
    own(paths.etc, 0o755),
    // The web server reads visitors' passwords there; nobody else may read people's files.
    { path: join(paths.etc, 'sites'), owner: 'root', group: server.webUser, mode: 0o750 },
    own(paths.serviceLogs, 0o755),
    own(paths.run, 0o755),
  ];
  const hasServices = ['http', 'php'].every((kind) => server.services.some((service) => service.kind === kind));
  return [...fixed, ...(hasServices ? services.folders(server).map((folder) => ({ owner: 'root', ...folder })) : [])];
}

/** How many problems are listed; setup's plan lists all. */
const LISTED = 3;

/** Checks the folders with their owner and mode. */
export const folders: Check = {
  id: 'folders',
  title: 'Folders',
  async check(context) {
    const wrong: string[] = [];
    for (const { path, owner, group, mode } of foldersOf(
      context.target.paths,
      context.server,
      context.target.services,
    )) {
      const fact = await context.host.stat(path);
      const uid = owner === 'root' ? 0 : (await context.host.account(owner))?.uid;
      const gid = group === 'root' ? 0 : (await context.host.account(group))?.gid;
      if (fact?.kind !== 'folder') wrong.push(`${path} is missing`);
      else if (fact.mode !== mode || fact.uid !== uid || fact.gid !== gid)
        wrong.push(`${path} has mode ${fact.mode.toString(8)}, owner ${fact.uid} and group ${fact.gid}`);
    }
    if (wrong.length === 0) return undefined;
    const more = wrong.length > LISTED ? `; ${wrong.length - LISTED} more` : '';
    const message = `${wrong.slice(0, LISTED).join('; ')}${more}`;
    return { code: 'FOLDERS_WRONG', message, hint: 'aegir setup creates and corrects them.' };
  },
  async fix(context) {
    for (const folder of foldersOf(context.target.paths, context.server, context.target.services)) {
      await context.host.act('folder.make', folder);
    }
  },
};
