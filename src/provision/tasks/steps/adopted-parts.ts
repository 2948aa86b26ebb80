import { dirname, join, relative, resolve } from 'node:path';
import { localPhp } from '../../engines/php.ts';
import type { SiteContext } from '../../model/context.ts';
import type { StepIo } from '../model/task.ts';
import type { Found } from './found.ts';

const OWN_LINES = 'local.settings.php';

/** The parts of a site, seen from what was named; and those that are not in it, absolute. */
export async function adoptedParts({ adoption, root, folder, tree, site }: Found, io: StepIo) {
  const taken: { from: string; to: string }[] = [];
  const left: typeof taken = [];
  for (const { from, to } of await adoption.parts(tree, site ?? { folder: '', file: '' })) {
    const path = resolve(folder, from);
    const within = relative(root, path);
    const inside = within !== '' && !within.startsWith('..') && (await io.host.stat(path)) !== undefined;
    (inside ? taken : left).push({ from: inside ? within : path, to });
  }
  return { taken, left };
}

/** The files of our settings that come with the site; what its own settings say beside that is told. `ours`: root has unpacked it. */
export async function adoptedSettings(
  { adoption, folder, site: there, settings }: Found,
  { uri }: SiteContext,
  ours: boolean,
  io: StepIo,
): Promise<Record<string, string>> {
  const [first = '', ...rest] = settings.more ?? [];
  // Only its beginning: behind it there may be secrets.
  const brief = (statement: string): string =>
    statement.replace(/\s*=[^>][\s\S]*|\s*\{[\s\S]*|,[\s\S]*/, '').slice(0, 100);
  if (there && first !== '') {
    const told = [first, ...rest].map(brief).join('; ');
    io.log(
      'warning',
      `${settings.moreIn ? join(dirname(there.file), settings.moreIn) : there.file} says more, which is left out: ${told}`,
    );
    io.log('info', `to take of it what holds here: aegir site edit ${uri} settings`);
  }
  const place = there && adoption.own ? join(folder, dirname(there.file), adoption.own) : '';
  if (place === '' || (await io.host.stat(place))?.kind !== 'file') return settings.settings;
  // Root reads nothing for the site that somebody could change into a link meanwhile: only what it has unpacked itself.
  const own = ours ? await io.host.readText(place, 1024 * 1024) : undefined;
  if (own === undefined) {
    io.log('warning', `${place} holds own lines, which are left out; to take them: aegir site edit ${uri} settings`);
    return settings.settings;
  }
  io.log('info', `takes the lines of ${adoption.own}`);
  const before = settings.settings[OWN_LINES] ?? localPhp('Lines here come after the ones of settings.php.');
  return { ...settings.settings, [OWN_LINES]: before + own.replace(/^<\?php\b/, '').replace(/\?>\s*$/, '') };
}
