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

/** The options that every command takes, as help and completion tell of them; `value` is what follows one. */
export const globalOptionWords: readonly { word: string; value?: string; about: string }[] = [
  { word: '--root', value: 'DIR', about: 'the root to work on (else AEGIR_ROOT, else /var/aegir for root)' },
  { word: '--wait', about: 'stay until the task has ended, and leave with its outcome' },
  { word: '--dry-run', about: 'show what would be done, and do nothing; refused where that cannot be said' },
  { word: '--json', about: 'one document for programs; with --follow, a line each' },
  { word: '--follow', about: 'with task log: go on until the task ends; with site log until ctrl-c' },
  { word: '--yes', about: 'answer confirmations; deleting wants --confirm NAME instead' },
  { word: '--confirm', value: 'NAME', about: 'the name of what is to be deleted' },
  { word: '--quiet', about: 'say nothing but errors and what was asked for' },
  { word: '--read-only', about: 'refuse whatever would change something' },
  { word: '--no-color', about: 'no colours (NO_COLOR does the same)' },
];

/** Takes the options that every command knows out of the words, wherever they stand; what follows `--` is left alone. */
export function takeGlobalOptions(words: string[]): { options: GlobalOptions; rest: string[] } {
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
  for (let place = 0; place < words.length; place += 1) {
    const word = words[place] ?? '';
    const [name, attached] = word.startsWith('--') ? word.split(/=(.*)/s) : [word];
    const flag = flags.get(word);
    if (word === '--') return { options, rest: [...rest, ...words.slice(place)] };
    if (flag) Object.assign(options, { [flag]: true });
    else if (word === '--no-color') options.color = false;
    else if (name === '--root' || name === '--confirm') {
      if (attached === undefined) place += 1;
      const value = attached ?? words[place];
      Object.assign(options, { [name.slice(2)]: value ?? '' });
    } else rest.push(word);
  }
  return { options, rest };
}
