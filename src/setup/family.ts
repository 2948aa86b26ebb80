/** Facts of a family of distributions. Paths are absolute. */
export interface Family {
  name: string;
  /** Whether this family is meant by an ID and VERSION_ID of os-release(5); a reason when the version is not supported. */
  supports(id: string, version: string): boolean | string;
  /** The branch of PHP (`8.4`) that a release brings by itself. */
  phpBranch(id: string, version: string): string;
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

export type Shell = 'bash' | 'zsh' | 'fish';
