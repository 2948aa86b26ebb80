// `npm run machines [-- trixie | bookworm] [SCENARIO ...] [--all | --rest] [--seed N] [--list]`: follows README and
// docs on freshly installed machines: containers with an init system (docs/testing.md). Needs root; changes nothing on
// this machine except the folder in which it keeps them.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensurePackages, pinnedNode, project } from './packages.mjs';

ensurePackages();
const main = join(project, 'test/machines/main.ts');
const child = spawn(pinnedNode, [main, ...process.argv.slice(2)], { cwd: project, stdio: 'inherit' });
// It ends its machines first. ctrl-c reaches it from the terminal.
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
// npm sends a SIGTERM to a shell, which does not pass it on.
const parent = process.ppid;
setInterval(() => process.ppid === parent || child.kill('SIGTERM'), 500).unref();
child.on('exit', (code) => process.exit(code ?? 1));
