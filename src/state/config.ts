import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AegirError } from '../provision/errors.ts';
import type { RootPaths } from '../provision/paths.ts';

export const themeNames = ['auto', 'dark', 'light', 'mono'] as const;
export type ThemeName = (typeof themeNames)[number];

/** How the console is to be, of `config.json` in the folder of what people write; command-line options go before it. */
export interface ConsoleConfig {
  /** `auto` is dark, unless the terminal says that it is light. */
  theme: ThemeName;
  /** `auto` goes by the locale. */
  glyphs: 'auto' | 'ascii' | 'utf8';
  /** How the end of a long task of one's own is told. */
  notify: 'bell' | 'osc9' | 'off';
  notifyAfterSeconds: number;
  /** Whether the terminal's title says how it stands. */
  title: boolean;
  /** Whether addresses are links (OSC 8). */
  links: boolean;
  alternateScreen: boolean;
  screenReader: boolean;
  /** 0: 12 over SSH, else 30. */
  framesPerSecond: number;
}

export const defaultConfig: ConsoleConfig = {
  theme: 'auto',
  glyphs: 'auto',
  notify: 'bell',
  notifyAfterSeconds: 30,
  title: true,
  links: true,
  alternateScreen: true,
  screenReader: false,
  framesPerSecond: 0,
};

/** Reads the part of the console; what is not there is as it is by default. Throws `CONFIG_INVALID` with file, name and value. */
export function readConsoleConfig({ etc }: Pick<RootPaths, 'etc'>): ConsoleConfig {
  const file = join(etc, 'config.json');
  const given = record(file, 'it', parsedFile(file));
  const config = { ...defaultConfig };
  for (const [name, value] of Object.entries(record(file, '"console"', given.console ?? {}))) {
    const wants = Object.hasOwn(rules, name) ? rules[name as keyof ConsoleConfig] : undefined;
    if (!wants) throw invalid(file, `there is no "console.${name}"`, `There is: ${Object.keys(rules).join(', ')}.`);
    if (!wants.fits(value)) {
      throw invalid(file, `"console.${name}" is ${JSON.stringify(value)}`, `It is to be ${wants.words}.`);
    }
    Object.assign(config, { [name]: value });
  }
  return config;
}

interface Rule {
  fits(value: unknown): boolean;
  words: string;
}

const oneOf = (...names: readonly string[]): Rule => ({
  fits: (value) => typeof value === 'string' && names.includes(value),
  words: `one of ${names.join(', ')}`,
});
const flag: Rule = { fits: (value) => typeof value === 'boolean', words: 'true or false' };
const number = (from: number, to: number): Rule => ({
  fits: (value) => Number.isInteger(value) && Number(value) >= from && Number(value) <= to,
  words: `a whole number from ${from} to ${to}`,
});

// By hand and not by a schema: the library for those is loaded behind the first frame, and this is needed for it.
const rules: Record<keyof ConsoleConfig, Rule> = {
  theme: oneOf(...themeNames),
  glyphs: oneOf('auto', 'ascii', 'utf8'),
  notify: oneOf('bell', 'osc9', 'off'),
  notifyAfterSeconds: number(0, 86_400),
  title: flag,
  links: flag,
  alternateScreen: flag,
  screenReader: flag,
  framesPerSecond: number(0, 60),
};

function parsedFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw invalid(file, error.message, 'Mend it, or move it away.');
    // None, or one that this user may not see.
    return {};
  }
}

function record(file: string, name: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw invalid(file, `${name} is no object`, 'An object looks so: {"console": {"title": false}}');
}

const invalid = (file: string, what: string, hint: string): AegirError =>
  new AegirError('CONFIG_INVALID', `${file}: ${what}`, hint);
