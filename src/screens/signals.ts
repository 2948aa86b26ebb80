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

/** Keeps the title that stands there, and brings it back (XTWINOPS 22 and 23 in xterm's ctlseqs). */
const [KEEP_TITLE, BRING_BACK] = [`${ESC}[22;2t`, `${ESC}[23;2t`];

/** Terminals that print what they do not know of such sequences. */
const plainTerminal = /^(linux|dumb|cons\d+|vt\d+.*|)$/;

type Env = Record<string, string | undefined>;

/** Whether a terminal takes titles and links, or at least leaves them out silently. */
export const takesSequences = ({ TERM = '' }: Env): boolean => !plainTerminal.test(TERM);

/** Whether a terminal marks what is pasted (bracketed paste, 2004 in xterm's ctlseqs): GNU screen does so from 5 on. */
export const marksPastes = (env: Env): boolean => takesSequences(env) && !env.STY;

/** What stands in the terminal's title: how the last task of one's own ended until the next key, else whether any runs. */
export function titleOf(state: ConsoleState, glyphs: Theme['glyphs']): string {
  const { running } = queueCounts(state);
  const sign = state.ended ? `${state.ended.good ? glyphs.done : glyphs.failed} ` : '';
  const label = state.marking.label === '' ? '' : `${safeText(state.marking.label)} `;
  return `${sign}${label}aegir ${safeText(state.hostName)}${running > 0 ? ` ${glyphs.running}${running}` : ''}`;
}

/** What rings, or asks the terminal to show a text outside of it (OSC 9, as iTerm2 has it). */
export function alertSequence(text: string, how: ConsoleConfig['notify'], env: Env): string {
  if (how === 'off') return '';
  // A number and a semicolon would mean something else.
  return how === 'bell' ? BEL : throughMultiplexer(`${ESC}]9;${safeText(text).replace(/^[\d;]+/, '')}${BEL}`, env);
}

/**
 * Tells outside of the screen how things stand: the terminal's title, and a bell or a note when a task of one's own
 * has ended that took long. Writes only when something has changed. Returns what puts the title back.
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
      write(`${title === '' ? KEEP_TITLE : ''}${ESC}]2;${now}${BEL}`);
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
      writeSync(1, BRING_BACK);
    } catch {
      // The line is gone.
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
