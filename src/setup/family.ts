/** Facts of a family of distributions. Paths are absolute. */
export interface Family {
  name: string;
  /** True if this family has the ID and VERSION_ID of os-release(5); a text if the version was not tested. */
  supports(id: string, version: string): boolean | string;
  /** The branch of PHP (`8.4`) that a release contains. */
  phpBranch(id: string, version: string): string;
  /** Packages that a server needs, by name. */
  packages: string[];
  webUser: string;
  /** Files that setup writes or removes, by purpose. */
  files: {
    httpInclude: string;
    /** The distribution's default site, which would answer requests for unknown names. */
    httpDefault: string;
    /** Folder in which PHP-FPM of a branch (`8.2`) reads pools. */
    phpPools(branch: string): string;
    logRotation: string;
    unit: string;
    temporary: string;
    command: string;
    manual: string;
  };
  /**
   * For each shell: its system-wide completion file, and the program whose presence shows that the shell is installed.
   */
  shells: Record<Shell, { program: string; completion: string }>;
}

export type Shell = 'bash' | 'zsh' | 'fish';
