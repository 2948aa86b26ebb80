import type { ConsoleConfig } from '../state/store/config.ts';

/** How the console is drawn. */
export interface ScreenOptions {
  config?: ConsoleConfig;
  env?: Record<string, string | undefined>;
}
