import { AegirError } from '../provision/model/errors.ts';
import { type ConsoleConfig, themeNames } from '../state/store/config.ts';

/** The settings that options of the console change. */
export type ScreenFlags = Partial<ConsoleConfig>;

const flags = new Map<string, ScreenFlags>([
  ['--ascii', { glyphs: 'ascii' }],
  ['--screen-reader', { screenReader: true }],
  ['--no-alt-screen', { alternateScreen: false }],
  ['--read-write', { readOnly: false }],
]);

/** Removes the options of the console from the arguments. Throws `USAGE` for an invalid theme or frame rate. */
export function takeScreenOptions(args: readonly string[]): { screen: ScreenFlags; rest: string[] } {
  const screen: ScreenFlags = {};
  const rest: string[] = [];
  for (let place = 0; place < args.length; place += 1) {
    const word = args[place] ?? '';
    const [name, attached] = word.split(/=(.*)/s);
    const flag = flags.get(word);
    if (flag) Object.assign(screen, flag);
    else if (name === '--theme' || name === '--fps') {
      if (attached === undefined) place += 1;
      Object.assign(screen, valued[name](attached ?? args[place] ?? ''));
    } else if (word.startsWith('-')) rest.push(word);
    // A command: the rest belongs to it.
    else return { screen, rest: [...rest, ...args.slice(place)] };
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
    throw new AegirError('USAGE', `--fps ${value} is not a frame rate`, 'Give a whole number from 1 to 60.');
  },
};

/** Help texts of these options; `value` is the placeholder of an option's value. */
export const screenOptionHelp: readonly { word: string; value?: string; about: string }[] = [
  { word: '--theme', value: 'NAME', about: 'dark, light, mono, or auto' },
  { word: '--ascii', about: 'use ASCII characters only (default: by the locale)' },
  { word: '--screen-reader', about: 'print plain lines in order, for a screen reader' },
  { word: '--no-alt-screen', about: "stay on the terminal's normal screen, with its scrollback" },
  { word: '--read-write', about: 'allow changes although config.json sets the console to read-only' },
  { word: '--fps', value: 'NUMBER', about: 'frames per second at most (default: 30, over SSH 12)' },
];
