import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Policy } from '../../src/provision/host/policy.ts';
import { rootPaths } from '../../src/provision/model/paths.ts';

/**
 * A policy for a root of its own under the folder for temporary files, with user ids that no other test file's
 * process uses at the same time. `remove` deletes that root.
 */
export function temporaryPolicy(extra: Partial<Policy> = {}): { policy: Policy; remove(): void } {
  const root = mkdtempSync(join(tmpdir(), 'aegtest-host-'));
  // Site users must be able to pass through.
  chmodSync(root, 0o711);
  const paths = rootPaths(root);
  for (const path of [
    paths.platforms,
    paths.sites,
    paths.byName,
    paths.config,
    paths.etc,
    paths.serviceLogs,
    paths.run,
  ]) {
    mkdirSync(path, { recursive: true, mode: 0o755 });
  }
  const policy: Policy = {
    paths,
    handlePrefix: 'aegtest',
    uidBase: 400_000_000 + (process.pid % 50_000) * 20_000,
    webUser: 'www-data',
    mark: '',
    systemFiles: [],
    platformFolders: [],
    ...extra,
  };
  return { policy, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** A number for a site user of this process, so that test files that run side by side share no name. */
let next = 0;
export function freshNumber(): number {
  next += 1;
  return (process.pid % 9000) * 100 + 10_000 + next;
}
