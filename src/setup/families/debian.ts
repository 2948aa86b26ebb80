import type { Family } from '../family.ts';

/** Every release that was tested or looked up, with its own branch of PHP (its package php-defaults). */
const releases: Record<string, Record<string, string>> = {
  debian: { 12: '8.2', 13: '8.4' },
  // Long-term support releases (ubuntu.com/about/release-cycle).
  ubuntu: { '22.04': '8.1', '24.04': '8.3', '26.04': '8.5' },
};
/** The branch of the newest known release, for unknown ones. */
const NEWEST_PHP = '8.5';

/** Debian and Ubuntu. */
export const debian: Family = {
  name: 'Debian or Ubuntu',
  supports(id, version) {
    if (!releases[id]) return false;
    const known = Object.keys(releases[id]);
    return (
      known.includes(version) ||
      `${id} ${version || 'of an unknown version'} was not tried; tried are ${known.join(', ')}`
    );
  },
  phpBranch: (id, version) => releases[id]?.[version] ?? NEWEST_PHP,
  packages: [
    'nginx',
    'mariadb-server',
    'php-fpm',
    'php-cli',
    ...['mysql', 'gd', 'xml', 'mbstring', 'intl', 'curl', 'zip', 'sqlite3'].map((extension) => `php-${extension}`),
    // Loads the completion of bash.
    'bash-completion',
    'bzip2',
    'ca-certificates',
    'logrotate',
    // Without it the manual page cannot be displayed.
    'man-db',
    'unzip',
    'xz-utils',
    'zstd',
  ],
  webUser: 'www-data',
  files: {
    httpInclude: '/etc/nginx/conf.d/aegir.conf',
    httpDefault: '/etc/nginx/sites-enabled/default',
    phpPools: (branch) => `/etc/php/${branch}/fpm/pool.d`,
    logRotation: '/etc/logrotate.d/aegir',
    unit: '/etc/systemd/system/aegir-worker.service',
    temporary: '/etc/tmpfiles.d/aegir.conf',
    command: '/usr/local/bin/aegir',
    manual: '/usr/local/share/man/man1/aegir.1',
  },
  // Each is in a folder that Debian's package of the shell searches by default.
  shells: {
    bash: { program: '/usr/bin/bash', completion: '/usr/local/share/bash-completion/completions/aegir' },
    zsh: { program: '/usr/bin/zsh', completion: '/usr/local/share/zsh/site-functions/_aegir' },
    fish: { program: '/usr/bin/fish', completion: '/etc/fish/completions/aegir.fish' },
  },
};
