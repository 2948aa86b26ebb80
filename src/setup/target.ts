import { join } from 'node:path';
import type { Host } from '../provision/host/host.ts';
import { programFolder } from '../provision/host/local/build.ts';
import type { RootPaths } from '../provision/model/paths.ts';
import { debian } from './families/debian.ts';
import type { Family } from './family.ts';

/** Where and how setup works: the machine itself, or in tests a folder that stands for it. */
export interface SetupTarget {
  paths: RootPaths;
  family: Family;
  /** Put before every system path; empty on a real machine. */
  prefix: string;
  /** The program's own start file, to be linked as a command. */
  program: string;
  /** Its manual page, to be linked where man(1) looks. */
  manual: string;
  handlePrefix: string;
  uidBase: number;
  /** The root whose place this one takes on the machine, where that was said. */
  replaces?: string | undefined;
}

/** The PHP that the supported systems and their usual additions have. */
export const phpBranches = ['7.4', '8.1', '8.2', '8.3', '8.4', '8.5'] as const;

/** This machine. `root` is where the server's data go. */
export function serverTarget(paths: RootPaths): SetupTarget {
  const [program, manual] = [join(programFolder, 'bin/aegir'), join(programFolder, 'docs/aegir.1')];
  return { paths, family: debian, prefix: '', program, manual, handlePrefix: 'aeg', uidBase: 20_000 };
}

/** A system path of the target. */
export const systemPath = (target: SetupTarget, path: string): string => join('/', target.prefix, path);

/** What the system says it is: os-release(5). Empty words where it does not. */
export async function osRelease(
  target: SetupTarget,
  host: Host,
): Promise<{ id: string; version: string; name: string }> {
  const text = (await host.readText(systemPath(target, '/etc/os-release'))) ?? '';
  const field = (name: string): string => new RegExp(`^${name}="?([^"\\n]*)`, 'm').exec(text)?.[1] ?? '';
  return { id: field('ID'), version: field('VERSION_ID'), name: field('PRETTY_NAME') };
}
