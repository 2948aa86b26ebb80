import { Writable } from 'node:stream';
import { type ConsoleConfig, defaultConfig } from '../state/store/config.ts';

/** The configuration for a terminal without control sequences: plain lines, as for a screen reader. */
export const onDumbTerminal = (config: ConsoleConfig = defaultConfig): ConsoleConfig => ({
  ...config,
  screenReader: true,
  title: false,
  links: false,
  notify: config.notify === 'osc9' ? 'bell' : config.notify,
});

/** Why the console is plain lines and no screen. */
export const dumbTerminalNotice = ({ TERM = '' }: Record<string, string | undefined>): string =>
  `${TERM === '' ? 'TERM is not set' : `TERM is ${TERM}`}: the console is lines below each other here, as with --screen-reader.`;

/** A standard output of the same size that drops what is written to it. */
export function makeMuted(stdout: NodeJS.WriteStream): NodeJS.WriteStream {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  return new Proxy(stdout, {
    get(target, property) {
      if (property === 'write') return nowhere.write.bind(nowhere);
      // Else Ink would hide the cursor and show it again at the end, past this proxy.
      if (property === 'isTTY') return false;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
