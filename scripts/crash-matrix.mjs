// `npm run crash-matrix [-- --task site.clone --engine spip --fault kill --sample 20 --seed 1 --shard 1/4 --list]`:
// breaks every task at every moment and looks at what is left (docs/testing.md). Needs root; changes nothing of the machine's own.

import { join } from 'node:path';
import { ensurePackages, project, runPinned } from './packages.mjs';

ensurePackages();
process.exit(runPinned([join(project, 'test/matrix/main.ts'), ...process.argv.slice(2)], { cwd: project }));
