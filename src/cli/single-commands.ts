import { type Command, Option } from 'commander';
import type { Action } from './action.ts';
import { showList } from './tasks.ts';

// Commands of one word. What each does is loaded when it is called.

/** `tasks`: the newest tasks. */
export function tasksCommand(program: Command, action: Action): void {
  single(program, 'tasks', 'The newest tasks; with --watch, live.', 'aegir tasks --watch')
    .option('--watch', 'go on until ctrl-c; with --json a line for each task that changes')
    .action(
      action(async (session, _words, { watch }) =>
        watch ? (await import('./watch-tasks.ts')).watchTasks(session) : showList(session, {}, 20),
      ),
    );
}

/** `status`: one screen. */
export function statusCommand(program: Command, action: Action): void {
  single(program, 'status', 'One screen: services, queue, what failed lately.', 'aegir status --json').action(
    action(async (session) => (await import('./status.ts')).showStatus(session)),
  );
}

/** `worker`: the queue in the foreground. */
export function workerCommand(program: Command, action: Action): void {
  single(program, 'worker', 'Run the queue in the foreground.', 'aegir worker').action(
    action(async (session) => (await import('./worker.ts')).runWorker(session)),
  );
}

/** `try`: a trial. */
export function tryCommand(program: Command, action: Action, version: string): void {
  single(program, 'try', 'A real site on this machine without root; then the console.', 'aegir try --name blog')
    .option('--name <name>', 'name of the site: NAME.localhost')
    .option('--title <title>', 'its title')
    .option('--from <source>', 'where the code comes from; see aegir platform add --help')
    .addOption(new Option('--php <kind>', 'a PHP of this machine, or PHP in WebAssembly').choices(['local', 'wasm']))
    .option('--port <number>', 'where it answers; 8088 or the next free one unless said')
    .option('--detach', 'do not open the console; a worker goes on in the background')
    .option('--stop', 'stop its services')
    .option('--remove', 'stop it and remove all of it')
    .action(action(async (session, _words, values) => (await import('./try.ts')).tryIt(session, values, version)));
}

/** `setup`. */
export function setupCommand(program: Command, action: Action): void {
  single(
    program,
    'setup',
    'Make this machine a server: packages, folders, services. Shows the plan first.',
    'aegir setup --dry-run',
  )
    .option('--replace <root>', 'take the place of another root on this machine; its sites go off')
    .action(
      action(async (session, _words, { replace }) => (await import('./setup.ts')).setUp(session, replace as string)),
    );
}

/** `doctor`. */
export function doctorCommand(program: Command, action: Action): void {
  single(program, 'doctor', 'Check what setup makes, and say how to mend what is wrong.', 'aegir doctor').action(
    action(async (session) => (await import('./setup.ts')).runDoctor(session)),
  );
}

const single = (program: Command, name: string, description: string, example: string): Command =>
  program.command(name).description(description).addHelpText('after', `\nExample:\n  ${example}`);
