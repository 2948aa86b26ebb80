import { writeFileSync } from 'node:fs';
import { runOnTerminal } from '../../src/provision/host/local/on-terminal.ts';
import { rootPaths } from '../../src/provision/model/paths.ts';
import { standardProgram } from '../../src/provision/standard.ts';
import { runConsole } from '../../src/screens/run-console.tsx';
import { readConsoleConfig } from '../../src/state/store/config.ts';
import { createConsole } from '../../src/state/store/console.ts';
import { currentActor } from '../../src/worker/actor.ts';
import { shellOnServer } from '../../src/worker/interactive.ts';
import { readMarking } from '../../src/worker/marking.ts';
import { openRoot, type Root, rootExists } from '../../src/worker/open-root.ts';
import type { TaskPlan } from '../../src/worker/plan-task.ts';
import { registry } from './registry.ts';

// The console alone, without worker and command line, as a program for terminal tests. `AEGIR_ROOT` names its root,
// `AEGIR_TEST_RUNNING` how many tasks it is to believe run in its process, `AEGIR_TEST_WORKER` what is wrong with the worker.
const { env } = process;
const paths = rootPaths(env.AEGIR_ROOT ?? '');
const root = rootExists(paths) ? openRoot(paths, standardProgram) : undefined;
const config = readConsoleConfig(paths);
const readOnly = config.readOnly || env.AEGIR_TEST_READ_ONLY === '1';
const queueOf = (root: Root) => ({ ...root, actor: currentActor(), readOnly });
const store = createConsole({
  registry,
  queue: root && queueOf(root),
  paths,
  version: '0.1.0',
  loadProgram: async () => standardProgram,
  readOnly,
  marking: readMarking(paths),
  hostName: env.AEGIR_TEST_HOST,
  running: () => Number(env.AEGIR_TEST_RUNNING ?? 0),
  probeServices: async () => [
    { kind: 'http', name: 'nginx', state: 'running' },
    { kind: 'php', name: 'php8.2', state: 'running' },
    { kind: 'db', name: 'mariadb', state: 'stopped' },
  ],
  probeWorker: async () => (env.AEGIR_TEST_WORKER ? JSON.parse(env.AEGIR_TEST_WORKER) : undefined),
  runSetup: async () => {
    process.stdout.write('setup says what it does\n');
    return undefined;
  },
  handOver: async (what) => {
    if (what.kind === 'shell' && root) await shellOnServer(queueOf(root));
    const line = what.kind === 'exec' && what.line !== '' ? what.line : `echo ${JSON.stringify(what)}`;
    if (what.kind !== 'shell') await runOnTerminal({ file: '/bin/sh', args: ['-c', line], cwd: '/', env: {} });
    return { read: what.kind === 'exec', said: what.kind === 'edit' ? `${what.file} is changed.` : '' };
  },
  planTask: async ({ type, object }) => ({
    problem: undefined,
    first: [],
    notNeeded: [],
    log: [],
    acts: type === 'site.verify' ? planned(object).slice(0, 1) : planned(object),
  }),
  findings: async () => [
    { state: 'missing', title: 'Packages', message: 'nginx is not installed', hint: 'setup installs it' },
  ],
});

/** What a plan may look like; nothing here could really make one. */
function planned(object: string): TaskPlan['acts'] {
  const vhost = '/etc/aegir/sites/aegtest5/vhost.conf';
  return [
    {
      step: 'Write the vhost',
      verb: 'file.write',
      args: {},
      text: `write ${vhost}`,
      diff: ['-  server_name shop.example.test www.shop.example.test;', `+  server_name ${object} buy.example.test;`],
    },
    {
      step: 'Replace addresses in the content',
      verb: 'user.run',
      args: {},
      text: `run as aegtest5 in /var/aegir/platforms/drupal-10.5: php replace.php --from http://${object} --to http://buy.example.test --dry`,
      diff: [],
    },
  ];
}

if (env.AEGIR_TEST_THROW) {
  setTimeout(() => {
    throw new Error('as asked');
  }, Number(env.AEGIR_TEST_THROW));
}
const exit = await runConsole(store, { config });
const said = `left: ${exit.reason} ${exit.tasks}\n`;
// Where the line is lost only a file can tell; the process stays for a while, as it does while tasks end.
if (env.AEGIR_TEST_EXIT) writeFileSync(env.AEGIR_TEST_EXIT, said);
else process.stdout.write(said, () => process.exit(0));
setTimeout(() => process.exit(0), 500);
