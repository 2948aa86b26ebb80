import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AegirError } from '../../model/errors.ts';
import { checkParents, checkPath } from '../policy.ts';
import { defineAct } from './act.ts';
import { npmPack, packedName } from './npm.ts';
import { npmName, npmVersion } from './sources/npm.ts';

/**
 * Installs npm packages side by side in one node_modules, in fixed versions and with fixed checksums: so every version
 * of npm yields the same files, and only the named packages are installed, not their dependencies.
 */
export const wasmInstall = defineAct('wasm.install', {
  args: z.strictObject({
    to: z.string(),
    branch: z.string().regex(/^\d\.\d$/),
    packages: z
      .array(z.strictObject({ name: npmName, version: npmVersion, integrity: z.string().startsWith('sha512-') }))
      .min(1),
  }),
  describe: ({ to, branch }) => `install PHP ${branch} in WebAssembly into ${to}`,
  async run({ to, packages }, policy, live) {
    checkPath(policy, to);
    checkParents(policy, to);
    if (existsSync(join(to, 'installed'))) return;
    const { extract } = await import('tar');
    const part = `${to}.part`;
    const archives = join(part, 'archives');
    for (const folder of [to, part]) rmSync(folder, { recursive: true, force: true });
    mkdirSync(archives, { recursive: true, mode: 0o700 });
    try {
      await npmPack(
        packages.map(({ name, version }) => `${name}@${version}`),
        archives,
        live,
      );
      for (const { name, version, integrity } of packages) {
        live.signal?.throwIfAborted();
        const file = join(archives, packedName(name, version));
        refuseOther(file, integrity, `${name} ${version}`);
        const folder = join(part, 'node_modules', name);
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        // npm puts everything into one top folder.
        await extract({ file, cwd: folder, strip: 1, strict: true });
      }
      rmSync(archives, { recursive: true });
      writeFileSync(join(part, 'package.json'), JSON.stringify({ private: true }));
      writeFileSync(join(part, 'installed'), '');
      renameSync(part, to);
    } finally {
      rmSync(part, { recursive: true, force: true });
    }
  },
});

/** Only what was tested is run. Throws `DOWNLOAD_FAILED`. */
function refuseOther(file: string, integrity: string, what: string): void {
  const sum = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
  if (sum === integrity) return;
  const hint = 'Another registry, or a proxy, delivers something else: npm config get registry';
  throw new AegirError('DOWNLOAD_FAILED', `${what} has the checksum ${sum}, not ${integrity}`, hint, 'from');
}
