import { vi } from 'vitest';

/** With `AEGIR_TEST_ACTS=wire` every host of a test acts in a child process, over the wire (docs/testing.md). */
vi.mock('../../src/provision/host/makers/local.ts', async () => {
  const { childHost } = await import('../../src/provision/host/makers/child.ts');
  return { localHost: childHost };
});
