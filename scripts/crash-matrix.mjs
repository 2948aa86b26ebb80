// `npm run crash-matrix [-- --task site.clone --engine spip --fault kill --sample 20 --seed 1 --shard 1/4 --list]`:
// breaks every task at every moment and inspects the result (docs/testing.md). Needs root; does not change the machine.

import { join } from 'node:path';
import { ensurePackages, project, runPinned } from './packages.mjs';

ensurePackages();
process.exit(runPinned([join(project, 'test/matrix/main.ts'), ...process.argv.slice(2)], { cwd: project }));
