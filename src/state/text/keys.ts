/** What the terminal layer tells of a key: the flags of Ink's `useInput`, without depending on it. */
export interface KeyFlags {
  upArrow: boolean;
  downArrow: boolean;
  leftArrow: boolean;
  rightArrow: boolean;
  pageUp: boolean;
  pageDown: boolean;
  home: boolean;
  end: boolean;
  return: boolean;
  escape: boolean;
  ctrl: boolean;
  shift: boolean;
  tab: boolean;
  backspace: boolean;
  delete: boolean;
  meta: boolean;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * The names of the keys in one chunk of input: `j`, `G`, `up`, `enter`, `ctrl-d`, `shift-tab`, `space`. Keys that
 * were struck faster than the line carries them arrive as one string and are told apart here.
 */
export function keyNames(input: string, flags: KeyFlags): string[] {
  const named = namedKey(flags);
  if (named) return [named];
  if (flags.ctrl) return input === '' ? [] : [`ctrl-${input === ' ' ? 'space' : input.toLowerCase()}`];
  // An unknown escape sequence; ESC and a letter typed quickly one after the other are the letter.
  if (flags.meta && [...input].length !== 1) return [];
  return [...segmenter.segment(input)].flatMap(({ segment }) => charKeys(segment));
}

function namedKey(flags: KeyFlags): string | undefined {
  if (flags.return) return flags.ctrl ? 'ctrl-enter' : 'enter';
  if (flags.tab) return flags.shift ? 'shift-tab' : 'tab';
  const found = plainKeys.find(([flag]) => flags[flag]);
  return found?.[1];
}

const plainKeys: readonly (readonly [keyof KeyFlags, string])[] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pgup'],
  ['pageDown', 'pgdn'],
  ['home', 'home'],
  ['end', 'end'],
  ['backspace', 'backspace'],
  ['delete', 'delete'],
  ['escape', 'esc'],
];

function charKeys(segment: string): string[] {
  if (segment === '\r\n' || segment === '\r') return ['enter'];
  // A line feed is what ctrl-enter and ctrl-j send.
  if (segment === '\n') return ['ctrl-enter'];
  if (segment === '\t') return ['tab'];
  if (segment === ' ') return ['space'];
  if (segment === '\u007f' || segment === '\b') return ['backspace'];
  // The letters of ctrl are the first controls (ECMA-48): ctrl-a is 1.
  if (/^[\u0001-\u001a]$/.test(segment)) return [`ctrl-${String.fromCharCode(segment.charCodeAt(0) + 96)}`];
  return /^[\u0000-\u001f\u007f-\u009f]/.test(segment) ? [] : [segment];
}

/** A key as help and footer write it. */
export const keyLabel = (key: string): string => ({ up: '↑', down: '↓', left: '←', right: '→' })[key] ?? key;
