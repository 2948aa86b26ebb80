import type { GlobalOptions } from './session.ts';

const flags = new Map<string, keyof GlobalOptions>([
  ['--json', 'json'],
  ['--follow', 'follow'],
  ['--dry-run', 'dryRun'],
  ['--yes', 'yes'],
  ['-y', 'yes'],
  ['--quiet', 'quiet'],
  ['--read-only', 'readOnly'],
  ['--wait', 'wait'],
]);

/** Help texts of the options that every command takes; `value` is the placeholder of an option's value. */
export const globalOptionHelp: readonly { word: string; value?: string; about: string }[] = [
  { word: '--root', value: 'DIR', about: 'the root folder (default: AEGIR_ROOT, or /var/aegir for root)' },
  { word: '--wait', about: 'wait until the task has ended; the exit status is its outcome' },
  { word: '--dry-run', about: 'show what would be done, and do nothing; refused by commands without a plan' },
  { word: '--json', about: 'print one JSON document; with --follow, one per line' },
  { word: '--follow', about: 'keep printing: task log until the task ends, site log until ctrl-c' },
  { word: '--yes', about: 'answer questions with yes; deleting needs --confirm NAME instead' },
  { word: '--confirm', value: 'NAME', about: 'the name of the object to delete' },
  { word: '--quiet', about: 'print only errors and requested output' },
  { word: '--read-only', about: 'refuse everything that would change something' },
  { word: '--no-color', about: 'no colours (NO_COLOR does the same)' },
];

/** Removes the options that every command takes from the arguments, at any position before `--`. */
export function takeGlobalOptions(args: string[]): { options: GlobalOptions; rest: string[] } {
  const options: GlobalOptions = {
    json: false,
    follow: false,
    dryRun: false,
    yes: false,
    quiet: false,
    color: !process.env.NO_COLOR,
    readOnly: false,
    wait: false,
  };
  const rest: string[] = [];
  for (let place = 0; place < args.length; place += 1) {
    const word = args[place] ?? '';
    const [name, attached] = word.startsWith('--') ? word.split(/=(.*)/s) : [word];
    const flag = flags.get(word);
    if (word === '--') return { options, rest: [...rest, ...args.slice(place)] };
    if (flag) Object.assign(options, { [flag]: true });
    else if (word === '--no-color') options.color = false;
    else if (name === '--root' || name === '--confirm') {
      if (attached === undefined) place += 1;
      const value = attached ?? args[place];
      Object.assign(options, { [name.slice(2)]: value ?? '' });
    } else rest.push(word);
  }
  return { options, rest };
}
