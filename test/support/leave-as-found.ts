import { afterAll, vi } from 'vitest';

/** Fast tests share a process: what one file puts in the place of something is gone before the next. */
afterAll(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});
