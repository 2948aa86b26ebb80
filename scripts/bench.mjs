// `npm run bench [-- queue | start | install | embedded | log | screen | idle | backup | migrate | verify]`: measures
// each figure, and that of a peer in the same run.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensurePackages, pinnedNode, project, runPinned } from './packages.mjs';

ensurePackages();
const known = ['queue', 'start', 'install', 'embedded', 'log', 'screen', 'idle', 'backup', 'migrate', 'verify'];
const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !known.includes(name));
if (unknown) {
  process.stderr.write(`aegir: USAGE there is no bench ${unknown}. Known: ${known.join(', ')}.\n`);
  process.exit(2);
}
const built = spawnSync(pinnedNode, [join(project, 'scripts/build.mjs')], { stdio: 'inherit' });
let code = built.status ?? 1;
for (const name of code === 0 ? known : []) {
  if (wanted.length === 0 || wanted.includes(name))
    code ||= runPinned([join(project, `bench/${name}.ts`)], { cwd: project });
}
process.exit(code);
