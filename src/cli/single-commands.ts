import { type Command, Option } from 'commander';
import type { Action } from './action.ts';
import { showList } from './tasks.ts';

// Commands that belong to no group. The code of each is loaded when it runs.

/** `tasks`: the newest tasks. */
export function tasksCommand(program: Command, action: Action): void {
  single(program, 'tasks', 'List the newest tasks; with --watch, keep the list up to date.', 'aegir tasks --watch')
    .option('--watch', 'keep printing until ctrl-c; with --json, one line for each task that changes')
    .action(
      action(async (session, _args, { watch }) =>
        watch ? (await import('./watch-tasks.ts')).watchTasks(session) : showList(session, {}, 20),
      ),
    );
}

/** `status`: an overview. */
export function statusCommand(program: Command, action: Action): void {
  single(program, 'status', 'Show an overview: services, queue, recent failures.', 'aegir status --json').action(
    action(async (session) => (await import('./status.ts')).showStatus(session)),
  );
}

/** `worker`: the worker in the foreground. */
export function workerCommand(program: Command, action: Action): void {
  single(program, 'worker', 'Run the worker in the foreground.', 'aegir worker').action(
    action(async (session) => (await import('./worker.ts')).runWorker(session)),
  );
}

/** `try`: a trial. */
export function tryCommand(program: Command, action: Action, version: string): void {
  single(
    program,
    'try',
    'Set up a trial site on this machine without root, and open the console.',
    'aegir try --name blog',
  )
    .option('--name <name>', 'name of the site, which becomes NAME.localhost')
    .option('--title <title>', 'title of the site')
    .option('--from <source>', 'the source of the code; see aegir platform add --help')
    .addOption(
      new Option('--php <kind>', 'the PHP installed on this machine, or PHP in WebAssembly').choices(['local', 'wasm']),
    )
    .option('--port <number>', 'the port of the site (default: 8088, or the next free port)')
    .option('--detach', 'do not open the console; a worker runs in the background')
    .option('--stop', 'stop the services of the trial')
    .option('--remove', 'stop the trial and delete all of it')
    .action(action(async (session, _args, values) => (await import('./try.ts')).tryIt(session, values, version)));
}

/** `setup`. */
export function setupCommand(program: Command, action: Action): void {
  single(
    program,
    'setup',
    'Make this machine a server: packages, folders, services. Shows the plan first.',
    'aegir setup --dry-run',
  )
    .option('--replace <root>', 'replace another root on this machine, whose sites go offline')
    .action(
      action(async (session, _args, { replace }) => (await import('./setup.ts')).setUp(session, replace as string)),
    );
}

/** `doctor`. */
export function doctorCommand(program: Command, action: Action): void {
  single(
    program,
    'doctor',
    'Check everything that setup does, and show how to fix each problem.',
    'aegir doctor',
  ).action(action(async (session) => (await import('./setup.ts')).runDoctor(session)));
}

const single = (program: Command, name: string, description: string, example: string): Command =>
  program.command(name).description(description).addHelpText('after', `\nExample:\n  ${example}`);
