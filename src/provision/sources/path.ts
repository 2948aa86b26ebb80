import { dirname, isAbsolute, normalize } from 'node:path';
import type { Host } from '../host/host.ts';
import { AegirError } from '../model/errors.ts';
import type { Problem } from '../model/work-io.ts';
import type { Source } from './source.ts';

/** An existing folder, used in place; deleting the platform leaves it on disk. */
export const pathSource: Source = {
  kind: 'path',
  form: 'path:DIR',
  parse(rest) {
    if (!isAbsolute(rest)) {
      throw new AegirError(
        'SOURCE_INVALID',
        `"${rest}" is not an absolute path`,
        'Start with a slash: path:/srv/code',
        'from',
      );
    }
    return { kind: 'path', rest, inPlace: normalize(rest).replace(/(?!^)\/$/, '') };
  },
  async check(host, { inPlace = '' }, _options, problem) {
    const fact = await host.stat(inPlace);
    if (fact?.kind !== 'folder') {
      const what = fact ? `${inPlace} is not a folder` : `there is no folder ${inPlace}`;
      problem('FOLDER_MISSING', what, 'Give the folder with the code itself, not a link to it.', 'from');
      return;
    }
    if ((await host.list(inPlace)).length === 0) {
      problem('FOLDER_EMPTY', `${inPlace} is empty`, 'Put the code there first.', 'from');
      return;
    }
    // Without site users all code runs as the program's own user.
    if (!host.siteUsers) return;
    await checkWriters(host, inPlace, problem);
    await checkTree(host, inPlace, problem);
  },
  async fetch() {},
};

/**
 * Sites must be able to read the code, and only root may change it: whoever can change it controls every site on it.
 */
async function checkWriters(host: Host, path: string, problem: Problem): Promise<void> {
  for (let folder = path; ; folder = dirname(folder)) {
    const fact = await host.stat(folder);
    if (fact && (fact.mode & 0o001) === 0) {
      problem(
        'FOLDER_CLOSED',
        `${folder} cannot be entered by the sites' users`,
        `Allow it: chmod o+x ${folder}`,
        'from',
      );
    }
    const writable = fact !== undefined && (fact.mode & 0o022) !== 0 && (fact.mode & 0o1000) === 0;
    if (fact && (fact.uid !== 0 || (writable && (fact.gid !== 0 || (fact.mode & 0o002) !== 0)))) {
      problem(
        'FOLDER_UNSAFE',
        `${folder} can be changed by users other than root`,
        `Give it to root: chown root:root ${folder}; chmod go-w ${folder}`,
        'from',
      );
    }
    if (folder === dirname(folder)) return;
  }
}

/** Searches the whole tree for files that do not belong to root or that others can write; links have no mode. */
async function checkTree(host: Host, path: string, problem: Problem): Promise<void> {
  const unsafe = ['(', '!', '-user', 'root', '-o', '-perm', '/022', '!', '-type', 'l', ')', '-print', '-quit'];
  const asked = await host.ask({ file: 'find', args: [path, '-mindepth', '1', ...unsafe], timeoutMs: 120_000 });
  const [found] = asked.stdout.split('\n');
  if (!found) return;
  const hint = `Give all of it to root: chown -R root:root ${path}; chmod -R go-w ${path}`;
  problem('FOLDER_UNSAFE', `${found} can be changed by users other than root`, hint, 'from');
}
