import { flag, oneOf, type Rule, readConfigPart, wholeNumber } from '../../provision/model/config-file.ts';
import type { RootPaths } from '../../provision/model/paths.ts';

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
  /** Whether it only looks, as with --read-only; --read-write goes before it. */
  readOnly: boolean;
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
  readOnly: false,
};

/** Reads the part of the console; what is not there is as it is by default. Throws `CONFIG_INVALID` with file, name and value. */
export const readConsoleConfig = (paths: Pick<RootPaths, 'etc'>): ConsoleConfig =>
  readConfigPart(paths, 'console', rules, defaultConfig);

const rules: Record<keyof ConsoleConfig, Rule> = {
  theme: oneOf(...themeNames),
  glyphs: oneOf('auto', 'ascii', 'utf8'),
  notify: oneOf('bell', 'osc9', 'off'),
  notifyAfterSeconds: wholeNumber(0, 86_400),
  title: flag,
  links: flag,
  alternateScreen: flag,
  screenReader: flag,
  framesPerSecond: wholeNumber(0, 60),
  readOnly: flag,
};
