import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildOnDisk } from '../../src/provision/host/local/build.ts';

const project = join(import.meta.dirname, '../..');

/** A checkout of the program of a test's own, which can be changed and built as a person does who updates. */
export interface ProgramCopy {
  folder: string;
  /** What `aegir` is there. */
  command: string;
  /** Changes the version, as a pull does; builds, and gives the id of that build. */
  update(version: string): string;
  /** Builds what there is. Throws with what the build says when it fails. */
  build(): string;
  /** Takes the npm packages away, as `npm ci` does first. */
  emptyPackages(): void;
  remove(): void;
}

/** Makes one, not built yet. It lies in `dist`, on the disk of the packages, which its builds share. */
export function copyProgram(): ProgramCopy {
  mkdirSync(join(project, 'dist'), { recursive: true });
  const folder = mkdtempSync(join(project, 'dist/test-'));
  for (const name of ['src', 'scripts', 'bin', 'docs', 'package.json', 'package-lock.json', 'tsconfig.json'])
    cpSync(join(project, name), join(folder, name), { recursive: true });
  const packages = join(folder, 'node_modules');
  const givePackages = (): void => symlinkSync(join(project, 'node_modules'), packages);
  givePackages();
  function build(): string {
    execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: folder, stdio: 'pipe' });
    return buildOnDisk(join(folder, 'dist')) ?? '';
  }
  return {
    folder,
    command: join(folder, 'bin/aegir'),
    build,
    update(version) {
      const file = join(folder, 'package.json');
      writeFileSync(file, readFileSync(file, 'utf8').replace(/"version": "[^"]*"/, `"version": "${version}"`));
      writeFileSync(join(folder, 'src/version.ts'), `export const VERSION = '${version}';\n`);
      rmSync(packages, { force: true });
      givePackages();
      return build();
    },
    emptyPackages: () => rmSync(packages),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
