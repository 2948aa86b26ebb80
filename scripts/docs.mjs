// `npm run docs`: writes the generated parts of the documents anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { taskDefinitions } from '../src/provision/tasks/registry.ts';
import { withKeysTable } from '../src/state/keys-table.ts';
import { project } from './packages.mjs';

const file = join(project, 'docs/keys.md');
writeFileSync(file, withKeysTable(readFileSync(file, 'utf8'), taskDefinitions));
