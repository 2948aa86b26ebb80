import { writeSync } from 'node:fs';
import type { ConsoleState } from '../state/model/state.ts';
import type { ConsoleStore } from '../state/model/store.ts';
import { queueCounts } from '../state/pages/frame.ts';
import type { ConsoleConfig } from '../state/store/config.ts';
import { safeText } from '../state/text/fit.ts';
import { throughMultiplexer } from './copy-text.ts';
import type { Theme } from './theme.ts';

const ESC = '\u001b';
const BEL = '\u0007';

/** Saves the title of the terminal, and restores it (XTWINOPS 22 and 23 in xterm's ctlseqs). */
const [SAVE_TITLE, RESTORE_TITLE] = [`${ESC}[22;2t`, `${ESC}[23;2t`];

/** Terminals that print control sequences that they do not know. */
const plainTerminal = /^(linux|dumb|cons\d+|vt\d+.*|)$/;

type Env = Record<string, string | undefined>;

/** Whether a terminal takes titles and links, or at least ignores them. */
export const takesSequences = ({ TERM = '' }: Env): boolean => !plainTerminal.test(TERM);

/** Whether a terminal marks what is pasted (bracketed paste, 2004 in xterm's ctlseqs): GNU screen does so from 5 on. */
export const marksPastes = (env: Env): boolean => takesSequences(env) && !env.STY;

/** The terminal's title: until the next key how this user's last task ended, else whether any runs. */
export function titleOf(state: ConsoleState, glyphs: Theme['glyphs']): string {
  const { running } = queueCounts(state);
  const sign = state.ended ? `${state.ended.good ? glyphs.done : glyphs.failed} ` : '';
  const label = state.marking.label === '' ? '' : `${safeText(state.marking.label)} `;
  return `${sign}${label}aegir ${safeText(state.hostName)}${running > 0 ? ` ${glyphs.running}${running}` : ''}`;
}

/** The sequence that rings the bell, or asks the terminal for a desktop notification (OSC 9, as in iTerm2). */
export function alertSequence(text: string, how: ConsoleConfig['notify'], env: Env): string {
  if (how === 'off') return '';
  // A number and a semicolon would mean something else.
  return how === 'bell' ? BEL : throughMultiplexer(`${ESC}]9;${safeText(text).replace(/^[\d;]+/, '')}${BEL}`, env);
}

/**
 * Keeps the terminal's title up to date, and rings or notifies when a long task of this user has ended. Writes only when
 * something has changed. `stop` restores the title.
 */
export function watchSignals(
  store: ConsoleStore,
  { config, env, theme, write, away }: Signals,
): { stop(): void; again(): void } {
  const titled = config.title && takesSequences(env);
  let title = '';
  let told = store.getState().ended;

  function look(): void {
    const state = store.getState();
    const now = titleOf(state, theme.glyphs);
    if (titled && now !== title && !away()) {
      write(`${title === '' ? SAVE_TITLE : ''}${ESC}]2;${now}${BEL}`);
      title = now;
    }
    if (state.ended && state.ended !== told && state.ended.seconds > config.notifyAfterSeconds) {
      write(alertSequence(state.ended.text, config.notify, env));
    }
    told = state.ended;
  }

  const restore = (): void => {
    if (title === '') return;
    title = '';
    try {
      // At once: the process may be on its way out.
      writeSync(1, RESTORE_TITLE);
    } catch {
      // The connection is lost.
    }
  };
  process.on('exit', restore);
  const unsubscribe = store.subscribe(look);
  look();
  return {
    again() {
      if (title !== '') write(`${ESC}]2;${title}${BEL}`);
    },
    stop() {
      unsubscribe();
      process.off('exit', restore);
      restore();
    },
  };
}

interface Signals {
  config: Pick<ConsoleConfig, 'notify' | 'notifyAfterSeconds' | 'title'>;
  env: Env;
  theme: Theme;
  write(text: string): void;
  /** True while the terminal is somebody else's. */
  away(): boolean;
}
