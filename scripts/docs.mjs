// `npm run docs`: regenerates the generated parts of the documents.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manPage } from '../src/cli/man-page.ts';
import { buildProgram } from '../src/cli/program.ts';
import { standardProgram } from '../src/provision/standard.ts';
import { withKeysTable } from '../src/state/commands/keys-table.ts';
import { makeRegistry } from '../src/state/commands/registry.ts';
import { standardPages } from '../src/state/pages/kinds/standard.ts';
import { VERSION } from '../src/version.ts';
import { withFullTable } from '../test/machines/full-table.ts';
import { withResults } from '../test/machines/results.ts';
import { withScreens } from './kept-screens.mjs';
import { project } from './packages.mjs';

const keys = join(project, 'docs/keys.md');
writeFileSync(keys, withKeysTable(readFileSync(keys, 'utf8'), makeRegistry(standardPages), standardProgram.tasks.list));
const readme = join(project, 'README.md');
writeFileSync(readme, withScreens(readFileSync(readme, 'utf8')));
for (const [name, make] of [
  ['docs/setup.md', withResults],
  ['docs/testing.md', withFullTable],
])
  writeFileSync(join(project, name), make(readFileSync(join(project, name), 'utf8')));
writeFileSync(
  join(project, 'docs/aegir.1'),
  manPage(
    buildProgram(VERSION, () => async () => {}, standardProgram),
    VERSION,
  ),
);
