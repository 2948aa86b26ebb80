import { AegirError } from '../provision/model/errors.ts';
import { type ConsoleConfig, themeNames } from '../state/store/config.ts';

/** What the options of the console alone set. */
export type ScreenFlags = Partial<ConsoleConfig>;

const flags = new Map<string, ScreenFlags>([
  ['--ascii', { glyphs: 'ascii' }],
  ['--screen-reader', { screenReader: true }],
  ['--no-alt-screen', { alternateScreen: false }],
  ['--read-write', { readOnly: false }],
]);

/** Takes the options of the console out of the words. Throws `USAGE` for a theme or a rate that there is not. */
export function takeScreenOptions(words: readonly string[]): { screen: ScreenFlags; rest: string[] } {
  const screen: ScreenFlags = {};
  const rest: string[] = [];
  for (let place = 0; place < words.length; place += 1) {
    const word = words[place] ?? '';
    const [name, attached] = word.split(/=(.*)/s);
    const flag = flags.get(word);
    if (flag) Object.assign(screen, flag);
    else if (name === '--theme' || name === '--fps') {
      if (attached === undefined) place += 1;
      Object.assign(screen, valued[name](attached ?? words[place] ?? ''));
    } else if (word.startsWith('-')) rest.push(word);
    // A command: what follows is its own.
    else return { screen, rest: [...rest, ...words.slice(place)] };
  }
  return { screen, rest };
}

const valued = {
  '--theme': (value: string): ScreenFlags => {
    const theme = themeNames.find((name) => name === value);
    if (theme) return { theme };
    throw new AegirError('USAGE', `there is no theme "${value}"`, `Themes: ${themeNames.join(', ')}.`);
  },
  '--fps': (value: string): ScreenFlags => {
    if (/^([1-9]|[1-5]\d|60)$/.test(value)) return { framesPerSecond: Number(value) };
    throw new AegirError('USAGE', `--fps ${value} is no number of frames`, 'Give a whole number from 1 to 60.');
  },
};

/** They as help and completion tell of them; `value` is what follows one. */
export const screenOptionWords: readonly { word: string; value?: string; about: string }[] = [
  { word: '--theme', value: 'NAME', about: 'dark, light, mono, or auto' },
  { word: '--ascii', about: 'only signs that every terminal has; else by the locale' },
  { word: '--screen-reader', about: 'plain lines in the order in which things happen, for reading aloud' },
  { word: '--no-alt-screen', about: "stays in the terminal's own screen and its scrollback" },
  { word: '--read-write', about: 'may change things although config.json says that the console only looks' },
  { word: '--fps', value: 'NUMBER', about: 'frames a second at most; 12 over SSH, else 30' },
];
