import { join } from 'node:path';
import type { Host } from '../host/host.ts';
import { AegirError } from '../model/errors.ts';
import type { Problem, WorkIo } from '../model/work-io.ts';
import type { Source, SourceOptions } from './source.ts';

/** Where distributions and people install it. */
const places = ['/usr/bin/composer', '/usr/local/bin/composer'];

/** A project created with `composer create-project`. */
export const composerSource: Source = {
  kind: 'composer',
  form: 'composer:VENDOR/PACKAGE[:VERSION]',
  parse(rest) {
    if (!/^[a-z0-9][a-z0-9_.-]*\/[a-z0-9][a-z0-9_.-]*(:[\w^~*<>=.,|@ -]+)?$/i.test(rest)) {
      const hint = 'composer:vendor/project:^10.5';
      throw new AegirError('SOURCE_INVALID', `"${rest}" is not the name of a Composer package`, hint, 'from');
    }
    return { kind: 'composer', rest };
  },
  check: (host, _source, _options, problem) => checkComposer(host, problem),
  async fetch(host, { rest }, into, options, io) {
    const [name = '', version = ''] = rest.split(/:(.*)/s);
    await buildByComposer(host, { package: name, version }, into, options, io);
  },
};

/** Reports that Composer is missing. */
export async function checkComposer(host: Host, problem: Problem): Promise<void> {
  if ((await composerFile(host)) !== undefined) return;
  problem('COMMAND_MISSING', 'this machine has no composer', 'Install it: apt-get install composer', 'from');
}

/** Creates a project or, with an empty name, installs the folder's composer.lock, with the PHP of the sites. */
export async function buildByComposer(
  host: Host,
  project: { package: string; version: string },
  into: string,
  { php = [] }: SourceOptions,
  io: WorkIo,
): Promise<void> {
  io.log('info', project.package === '' ? 'composer install' : `composer create-project ${project.package}`);
  const composer = (await composerFile(host)) ?? '';
  const args = { ...project, into, command: [...php, composer] };
  await host.act('source.composer', args, { signal: io.signal, onLine: io.line });
  if (host.planning || (await host.stat(join(into, 'vendor/autoload.php')))) return;
  throw new AegirError('BUILD_FAILED', 'composer created no vendor folder', 'Its output is in the log.', 'from');
}

async function composerFile(host: Host): Promise<string | undefined> {
  for (const place of places) if (await host.stat(place)) return place;
  return undefined;
}
