import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { AegirError } from '../../../model/errors.ts';
import { checkPath } from '../../policy.ts';
import { defineAct } from '../act.ts';
import { type Apt, openSuite } from './debian/apt.ts';
import { applicationFolder, copyResolved, missingTargets, rewritePaths } from './debian/tree.ts';
import { checkEmptyFolder, must } from './tools.ts';

/** Most libraries fetched for one package; a web application needs about twenty. */
const MAX_LIBRARIES = 200;

export const sourceDebian = defineAct('source.debian', {
  args: z.object({
    package: z.string().regex(/^[a-z0-9][a-z0-9.+-]+$/),
    suite: z.string().regex(/^([a-z][a-z0-9-]*)?$/),
    cache: z.string(),
    into: z.string(),
    home: z.string(),
  }),
  describe: ({ package: name, suite, into }) =>
    `fetch the Debian package ${name}${suite ? ` of ${suite}` : ''} into ${into}`,
  async run({ package: name, suite, cache, into, home }, policy, live) {
    checkEmptyFolder(policy, into);
    checkPath(policy, home);
    const say = (text: string): void => live.onLine?.('stdout', text);
    const apt = await openSuite(cache, suite, live);
    const fields = (await apt.show([name])).get(name);
    if (!fields)
      throw new AegirError(
        'PACKAGE_UNKNOWN',
        `there is no package ${name}${suite ? ` in ${suite}` : ''}`,
        'See: apt-cache search',
        'from',
      );
    const scratch = join(cache, 'debian', `scratch-${basename(into)}`);
    rmSync(scratch, { recursive: true, force: true });
    mkdirSync(scratch);
    try {
      const libraries = await librariesOf(name, fields, apt.show);
      const files = await apt.download([name, ...libraries]);
      let done = 0;
      for (const [part, file] of files) {
        live.signal?.throwIfAborted();
        await must('dpkg-deb', ['--extract', file, scratch], live);
        done += 1;
        live.onProgress?.(done, files.size, 'packages');
        say(`unpacked ${part}`);
      }
      assemble(name, scratch, into, home, say);
      return { version: fields.Version ?? '' };
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  },
});

/** Makes the tree self-contained: resolves links, and puts libraries into a folder that web servers do not serve. */
function assemble(name: string, scratch: string, into: string, home: string, say: (text: string) => void): void {
  const folder = applicationFolder(scratch, name);
  if (!folder)
    throw new AegirError(
      'PACKAGE_EMPTY',
      `the package ${name} contains no web application below /usr/share`,
      'Name the package of the CMS itself.',
      'from',
    );
  for (const target of missingTargets(scratch, folder))
    say(`left out, since it points outside of the packages: ${target}`);
  copyResolved(scratch, folder, into);
  const php = 'usr/share/php';
  const library = join(into, '.debian', php);
  if (existsSync(join(scratch, php))) {
    mkdirSync(dirname(library), { recursive: true });
    copyResolved(scratch, php, library);
  }
  const place = join(home, '.debian', php);
  const changed = rewritePaths(into, { [`/${php}`]: place, [`/${folder}`]: home }, { files: library, place });
  say(`${changed} files with fixed paths were changed`);
}

/**
 * The packages whose files the application needs: PHP and JavaScript libraries, fonts, themes. Follows Depends,
 * recursively for libraries; of Recommends takes only packages with the package's own name in theirs (themes,
 * languages).
 */
async function librariesOf(name: string, fields: Record<string, string>, show: Apt['show']): Promise<string[]> {
  const isLibrary = (candidate: string): boolean => /^(php-|libphp-|libjs-|node-|fonts-)/.test(candidate);
  const own = namesIn(`${fields.Depends},${fields.Recommends}`).filter((candidate) => candidate.startsWith(`${name}-`));
  const found = new Set<string>();
  const asked = new Set<string>();
  let level = [...namesIn(fields.Depends).filter(isLibrary), ...own];
  while (level.length > 0 && asked.size < MAX_LIBRARIES) {
    for (const candidate of level) asked.add(candidate);
    const next: string[] = [];
    for (const [candidate, known] of await show(level)) {
      // Packages for one architecture are PHP extensions, which belong to PHP itself.
      if (known.Architecture !== 'all' || candidate === 'php-common' || isExtension(known)) continue;
      found.add(candidate);
      next.push(...namesIn(known.Depends).filter(isLibrary));
    }
    level = [...new Set(next)].filter((candidate) => !asked.has(candidate));
  }
  return [...found];
}

/** The package names of a relation field; of alternatives, the first. */
const namesIn = (relation: string | undefined): string[] =>
  (relation ?? '')
    .split(',')
    .map(
      (part) =>
        part
          .split('|')[0]
          ?.trim()
          .split(/[\s(:]/)[0] ?? '',
    )
    .filter((part) => part !== '');

/** Debian's unversioned extension packages are empty and depend on a versioned one (`php-gd` on `php8.2-gd`). */
const isExtension = (fields: Record<string, string>): boolean => /\bphp\d+\.\d+-/.test(fields.Depends ?? '');
