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
