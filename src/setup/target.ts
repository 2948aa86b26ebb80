import { join } from 'node:path';
import type { Host } from '../provision/host/host.ts';
import { programFolder } from '../provision/host/local/build.ts';
import type { RootPaths } from '../provision/model/paths.ts';
import type { Services } from '../provision/services/services.ts';
import { debian } from './families/debian.ts';
import type { Family } from './family.ts';

/** Where setup works: the machine itself, or in tests a folder that represents it. */
export interface SetupTarget {
  paths: RootPaths;
  /** The drivers of the services that setup installs and checks. */
  services: Services;
  family: Family;
  /** Prefix of every system path; empty on a real machine. */
  prefix: string;
  /** The program's start file, the target of the link for the command. */
  program: string;
  /** Its manual page, the target of the link for man(1). */
  manual: string;
  handlePrefix: string;
  uidBase: number;
  /** The root folder that this one replaces on the machine, if given. */
  replaces?: string | undefined;
}

/** The PHP branches of the supported systems and their common additional archives. */
export const knownPhpBranches = ['7.4', '8.1', '8.2', '8.3', '8.4', '8.5'] as const;

/** This machine. `paths` are those of the server's data. */
export function serverTarget(paths: RootPaths, services: Services): SetupTarget {
  const [program, manual] = [join(programFolder, 'bin/aegir'), join(programFolder, 'docs/aegir.1')];
  return { paths, services, family: debian, prefix: '', program, manual, handlePrefix: 'aeg', uidBase: 20_000 };
}

/** A system path of the target. */
export const systemPath = (target: SetupTarget, path: string): string => join('/', target.prefix, path);

/** The system's facts from os-release(5); empty texts for missing ones. */
export async function osRelease(
  target: SetupTarget,
  host: Host,
): Promise<{ id: string; version: string; name: string }> {
  const text = (await host.readText(systemPath(target, '/etc/os-release'))) ?? '';
  const field = (name: string): string => new RegExp(`^${name}="?([^"\\n]*)`, 'm').exec(text)?.[1] ?? '';
  return { id: field('ID'), version: field('VERSION_ID'), name: field('PRETTY_NAME') };
}
