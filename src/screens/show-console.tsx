import { render } from 'ink';
import { makePasteGuard } from '../state/dialogs/unmarked-paste.ts';
import type { ConsoleExit } from '../state/model/state.ts';
import type { ConsoleStore } from '../state/model/store.ts';
import { defaultConfig } from '../state/store/config.ts';
import { App, LinearApp } from './app.tsx';
import { copySequence } from './copy-text.ts';
import { drawsOver } from './draws-over.ts';
import { dumbTerminalNotice, makeMuted, onDumbTerminal } from './dumb-terminal.ts';
import { listenToProcess } from './listen-to-process.ts';
import { makeOneWrite } from './one-write.ts';
import type { ScreenOptions } from './options.ts';
import { paceFrames } from './pace.ts';
import { marksPastes, takesSequences, watchSignals } from './signals.ts';
import { announceChanges } from './speak.ts';
import { themeOf } from './theme.ts';
import type { TerminalControl } from './use-terminal.ts';

/** ECMA-48: cursor to the top left, erase what follows. */
const HOME_AND_ERASE = '\u001b[H\u001b[J';

/**
 * Shows the console on this terminal until it is left, and puts the terminal back. It resolves also when the line
 * is lost ('hangup') or the process is asked to end ('terminated'): running tasks are the caller's affair.
 */
export async function showConsole(store: ConsoleStore, options: ScreenOptions = {}): Promise<ConsoleExit> {
  const { env = process.env } = options;
  const dumb = !drawsOver(env);
  const config = dumb ? onDumbTerminal(options.config) : (options.config ?? defaultConfig);
  const { screenReader } = config;
  const alternateScreen = config.alternateScreen && !screenReader;
  const theme = themeOf(env, { ...config, links: config.links && takesSequences(env) });
  const { stdin, stdout } = process;
  // In the terminal's own screen a frame as high as the screen would push a line out of it each time it is drawn.
  const size = (): void => {
    const { columns, rows } = stdout;
    // A screen reader has no size: its lines are those of a large screen.
    if (screenReader) store.resize(Math.max(columns, 100), Math.max(rows, 40));
    else store.resize(columns, rows - (alternateScreen ? 0 : 1));
  };
  size();

  let away = false;
  let clear = (): void => {};
  // A dumb terminal gets plain lines alone, none of what Ink writes.
  const out = dumb ? makeMuted(stdout) : makeOneWrite(stdout);
  // Beside the frames, each of which is one write: for text that moves no cursor, or where no frames are drawn.
  const write = (text: string): void => void stdout.write(text);
  const signals = watchSignals(store, { config, env, theme, write, away: () => away });
  const speaker = screenReader ? announceChanges(store, { write, away: () => away, dumb }) : undefined;
  const listening = listenToProcess(store, () => away);
  const resize = (): void => {
    if (away) return;
    if (!screenReader) clear();
    // Terminals differ in how they reflow lines at a resize: start from an empty screen.
    if (alternateScreen) out.write(HOME_AND_ERASE);
    size();
  };
  stdout.on('resize', resize);
  const control: TerminalControl = {
    isPaste: marksPastes(env) ? () => false : makePasteGuard(),
    copy(text) {
      if (!dumb) out.write(copySequence(text, env));
      return !dumb;
    },
    aside(now) {
      away = now;
      listening.suspendable(!now);
      // Ink no longer listens, but Node would go on reading keys that are for another program.
      if (now) return void stdin.pause();
      // Only the foreground program is sent SIGWINCH: the size may have changed meanwhile.
      process.kill(process.pid, 'SIGWINCH');
      signals.again();
      speaker?.again();
    },
  };

  if (dumb) write(`${dumbTerminalNotice(env)}\n`);
  const framesPerSecond = config.framesPerSecond || (env.SSH_CONNECTION ? 12 : 30);
  const app = screenReader ? (
    <LinearApp store={store} control={control} />
  ) : (
    <App store={paceFrames(store, framesPerSecond)} theme={theme} control={control} />
  );
  const screen = render(app, {
    stdout: out,
    stdin,
    alternateScreen,
    incrementalRendering: true,
    interactive: true,
    exitOnCtrlC: false,
    patchConsole: false,
    // `paceFrames` sets the pace: with Ink's own a key would wait for the frame before it.
    maxFps: 1000,
  });
  clear = screen.clear;
  try {
    await screen.waitUntilExit();
  } finally {
    stdout.off('resize', resize);
    speaker?.stop();
    signals.stop();
    store.stop();
    listening.stop();
  }
  return store.getState().exit ?? { reason: 'quit', tasks: 'none' };
}
