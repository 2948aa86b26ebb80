import { dirname, join, relative, resolve } from 'node:path';
import { localPhp } from '../../engines/php.ts';
import type { SiteContext } from '../../model/context.ts';
import type { StepIo } from '../model/task.ts';
import type { Found } from './found.ts';

const OWN_LINES = 'local.settings.php';

/** The parts of a site relative to the given folder, and those outside of it as absolute paths. */
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

/**
 * The settings files that are taken over; other statements of its settings are logged. `ours`: the folder was unpacked
 * by root.
 */
export async function adoptedSettings(
  { adoption, folder, site: there, settings }: Found,
  { uri }: SiteContext,
  ours: boolean,
  io: StepIo,
): Promise<Record<string, string>> {
  const [first = '', ...rest] = settings.more ?? [];
  // Only the beginning of the statement, since the rest may contain secrets.
  const brief = (statement: string): string =>
    statement.replace(/\s*=[^>][\s\S]*|\s*\{[\s\S]*|,[\s\S]*/, '').slice(0, 100);
  if (there && first !== '') {
    const told = [first, ...rest].map(brief).join('; ');
    io.log(
      'warning',
      `${settings.moreIn ? join(dirname(there.file), settings.moreIn) : there.file} has further statements, which are left out: ${told}`,
    );
    io.log('info', `to add those that apply here: aegir site edit ${uri} settings`);
  }
  const place = there && adoption.own ? join(folder, dirname(there.file), adoption.own) : '';
  if (place === '' || (await io.host.stat(place))?.kind !== 'file') return settings.settings;
  // Root reads only what it has unpacked itself: another file could be replaced by a link meanwhile.
  const own = ours ? await io.host.readText(place, 1024 * 1024) : undefined;
  if (own === undefined) {
    io.log('warning', `${place} has own lines, which are left out; to add them: aegir site edit ${uri} settings`);
    return settings.settings;
  }
  io.log('info', `takes over the lines of ${adoption.own}`);
  const before = settings.settings[OWN_LINES] ?? localPhp('Lines here come after the ones of settings.php.');
  return { ...settings.settings, [OWN_LINES]: before + own.replace(/^<\?php\b/, '').replace(/\?>\s*$/, '') };
}
