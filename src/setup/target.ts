import { join } from 'node:path';
import type { RootPaths } from '../provision/paths.ts';
import { debian } from './families/debian.ts';

export type Shell = 'bash' | 'zsh' | 'fish';

/** Facts of a family of distributions. Paths are absolute. */
export interface Family {
  name: string;
  /** Whether this family is meant by an ID and VERSION_ID of os-release(5); a reason when the version is not supported. */
  supports(id: string, version: string): boolean | string;
  /** Packages that a server needs, by name. */
  packages: string[];
  webUser: string;
  /** Files that setup writes or removes, by what they are for. */
  files: {
    httpInclude: string;
    /** The distribution's own default site; it would answer for names that no site has. */
    httpDefault: string;
    /** Folder in which PHP-FPM of a branch (`8.2`) reads pools. */
    phpPools(branch: string): string;
    logRotation: string;
    unit: string;
    temporary: string;
    command: string;
    manual: string;
  };
  /** Where the completion of each shell lies for all users, and by which file one sees that it is installed. */
  shells: Record<Shell, { program: string; completion: string }>;
}

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
  // Both src/setup/ and dist/chunks/ lie two folders below the project.
  const inProject = (path: string): string => new URL(`../../${path}`, import.meta.url).pathname;
  const [program, manual] = [inProject('bin/aegir'), inProject('docs/aegir.1')];
  return { paths, family: debian, prefix: '', program, manual, handlePrefix: 'aeg', uidBase: 20_000 };
}

/** A system path of the target. */
export const systemPath = (target: SetupTarget, path: string): string => join('/', target.prefix, path);
