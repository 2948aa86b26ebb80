import type { ConsoleExit } from '../state/model/state.ts';
import type { ConsoleStore } from '../state/model/store.ts';
import type { ScreenOptions } from './options.ts';

/**
 * Shows the console on this terminal until it is left, and puts the terminal back. It resolves also when the line
 * is lost ('hangup') or the process is asked to end ('terminated'): running tasks are the caller's affair.
 */
export async function runConsole(store: ConsoleStore, options: ScreenOptions = {}): Promise<ConsoleExit> {
  const { showConsole } = await withoutFetch(() => import('./show-console.tsx'));
  return showConsole(store, options);
}

/**
 * Hides `fetch` while Ink is loaded. Yoga, Ink's layout engine, unpacks its WebAssembly by `fetch` where there is one,
 * and Node's takes 25 ms to begin: as long as all the rest that stands between us and the first frame.
 */
async function withoutFetch<T>(load: () => Promise<T>): Promise<T> {
  const property = Object.getOwnPropertyDescriptor(globalThis, 'fetch');
  if (!property?.configurable) return load();
  Object.defineProperty(globalThis, 'fetch', { configurable: true, writable: true, value: undefined });
  try {
    return await load();
  } finally {
    Object.defineProperty(globalThis, 'fetch', property);
  }
}
