import { render } from 'ink';
import { defaultConfig } from '../state/config.ts';
import type { ConsoleStore } from '../state/console.ts';
import type { ConsoleExit } from '../state/model.ts';
import { App, type Hands } from './app.tsx';
import { copySequence } from './copy-text.ts';
import { makeOneWrite } from './one-write.ts';
import type { ScreenOptions } from './run-console.tsx';
import { takesSequences, watchSignals } from './signals.ts';
import { themeOf } from './theme.ts';

/** ECMA-48: cursor to the top left, erase what follows. */
const HOME_AND_ERASE = '\u001b[H\u001b[J';

/**
 * Shows the console on this terminal until it is left, and puts the terminal back. It resolves also when the line
 * is lost ('hangup') or the process is asked to end ('terminated'): what becomes of running tasks is the caller's.
 */
export async function showConsole(store: ConsoleStore, options: ScreenOptions = {}): Promise<ConsoleExit> {
  const { env = process.env, config = defaultConfig } = options;
  const theme = themeOf(env, { ...config, links: config.links && takesSequences(env) });
  const { stdin, stdout } = process;
  store.resize(stdout.columns, stdout.rows);

  // With listeners of our own, a signal ends the screen and nothing else.
  const leaveBy = (exit: ConsoleExit) => (): void => store.leave(exit);
  const hangUp = leaveBy({ reason: 'hangup', tasks: 'finish' });
  const terminate = leaveBy({ reason: 'terminated', tasks: 'cancel' });
  process.on('SIGHUP', hangUp);
  process.on('SIGTERM', terminate);
  let away = false;
  const interrupt = (): void => {
    if (!away) terminate();
  };
  process.on('SIGINT', interrupt);
  stdin.on('end', hangUp);
  stdin.on('error', hangUp);
  const maxFps = config.framesPerSecond || (env.SSH_CONNECTION ? 12 : 30);

  let clear = (): void => {};
  const out = makeOneWrite(stdout);
  const resize = (): void => {
    if (away) return;
    // What a terminal does to its lines when it changes size differs: begin with nothing, at the top.
    clear();
    out.write(HOME_AND_ERASE);
    store.resize(stdout.columns, stdout.rows);
  };
  stdout.on('resize', resize);
  const hands: Hands = {
    copy: (text) => void out.write(copySequence(text, env)),
    aside(now) {
      away = now;
      // Ink no longer listens, and Node would go on reading: keys that are for somebody else.
      if (now) stdin.pause();
      // Only who has the terminal is told that its size changes: look again.
      else process.kill(process.pid, 'SIGWINCH');
      if (!now) signals.again();
    },
  };
  const write = (text: string): void => void out.write(text);
  const signals = watchSignals(store, { config, env, theme, write, away: () => away });

  const screen = render(<App store={store} theme={theme} hands={hands} />, {
    stdout: out,
    stdin,
    alternateScreen: config.alternateScreen,
    incrementalRendering: true,
    interactive: true,
    exitOnCtrlC: false,
    patchConsole: false,
    maxFps,
  });
  clear = screen.clear;
  try {
    await screen.waitUntilExit();
  } finally {
    stdout.off('resize', resize);
    signals.stop();
    store.stop();
    // A lost line is told more than once, and goes on failing while tasks end: neither may end them.
    process.on('SIGHUP', () => {});
    process.off('SIGHUP', hangUp);
    process.stderr.on('error', () => {});
    process.off('SIGTERM', terminate);
    process.off('SIGINT', interrupt);
    stdin.off('end', hangUp);
    stdin.off('error', hangUp);
    stdin.on('error', () => {});
    stdin.unref();
  }
  return store.getState().exit ?? { reason: 'quit', tasks: 'none' };
}
