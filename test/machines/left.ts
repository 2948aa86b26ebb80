import { aegir, must } from './commands.ts';
import { readInventory } from './journal.ts';
import { type Machine, pause } from './machine.ts';

/** Lists everything that bears the name of a site or of a task, a line each, without the code that is tried. */
const LOOK = `
shopt -s nullglob
grep -oE '^aeg[0-9]+:' /etc/passwd | sed 's/:$//; s/^/user /'
grep -oE '^aeg[0-9]+:' /etc/group | sed 's/:$//; s/^/group /'
for path in /var/aegir/sites/*/releases/*; do echo "release \${path#/var/aegir/sites/}" | sed 's#/releases/# #'; done
for kind in /var/aegir/sites /etc/aegir/sites /var/log/aegir; do
  for path in $kind/*; do echo "folder $kind \${path##*/}"; done
done
for path in /var/aegir/by-name/*; do echo "link \${path##*/}"; done
grep -rlE 'aeg[0-9]' /var/aegir/config /run/aegir --include='*' -s | sort | sed 's/^/file /'
find /run/aegir -name 'aeg*' | sed 's/^/socket /'
find /run/aegir/children -type f | sed 's/^/child /'
find /tmp /var/tmp -mindepth 1 -maxdepth 1 ! -name 'systemd-private-*' | sed 's/^/temporary /'
ls -A /var/aegir /var/aegir/backups /var/aegir/cache 2>/dev/null | sed 's/^/entry /'
mariadb -N -e "SELECT CONCAT('database ', schema_name) FROM information_schema.schemata WHERE schema_name LIKE 'aeg%'"
mariadb -N -e "SELECT CONCAT('account ', User) FROM mysql.global_priv WHERE User LIKE 'aeg%'"
ps -eo uid=,args= | awk '$1 > 20000 && $1 < 60000 && !/php-fpm: pool/ {print "process " $0}'
`;

/** What is on a machine of sites and tasks, of which nothing may be there that no site of the inventory needs. */
export async function lookAt(machine: Machine): Promise<string[]> {
  return (await must(machine, ['bash', '-c', LOOK])).split('\n').filter(Boolean);
}

/**
 * What has been left on a machine, a line each: names of sites that are none, or are missing where a site should be, and
 * whatever was not there `before`.
 */
async function leftOn(machine: Machine, before: string[]): Promise<string[]> {
  const { handles, databases, releases, names } = readInventory(machine, (inventory) => {
    const column = (sql: string): string[] => inventory.prepare<[], string>(sql).pluck().all();
    return {
      handles: column('SELECT handle FROM site'),
      databases: column('SELECT database_name FROM release'),
      releases: column(`SELECT handle || ' ' || number FROM release JOIN site ON site.id = site_id`),
      names: column(`SELECT name FROM site_name WHERE kind = 'uri'`),
    };
  });
  const wanted = [
    ...handles.flatMap((name) => [`user ${name}`, `group ${name}`, `account ${name}`]),
    ...handles.flatMap((name) =>
      ['/var/aegir/sites', '/etc/aegir/sites', '/var/log/aegir'].map((folder) => `folder ${folder} ${name}`),
    ),
    ...databases.map((name) => `database ${name}`),
    ...releases.map((name) => `release ${name}`),
    ...names.map((name) => `link ${name}`),
  ];
  const found = await lookAt(machine);
  const others = found.filter((line) => !wanted.includes(line) && !before.includes(line));
  // Of files of services only those of sites that are none.
  const isOf = (line: string, name: string): boolean => new RegExp(`^(file|socket) .*\\b${name}(?!\\d)`).test(line);
  const strange = others.filter((line) => !handles.some((name) => isOf(line, name)));
  const missing = wanted.filter((line) => !found.includes(line));
  return [...strange.map((line) => `left behind: ${line}`), ...missing.map((line) => `missing: ${line}`)];
}

/** Throws when something stays behind; cron of a site may be at work for a moment. */
export async function nothingIsLeft(machine: Machine, before: string[]): Promise<void> {
  let left: string[] = [];
  for (let turn = 0; turn < 20; turn += 1) {
    left = await leftOn(machine, before);
    if (left.length === 0) return;
    await pause(1000);
  }
  throw new Error(left.join('; '));
}

/** Throws when the program itself finds fault with its machine. */
export const doctorIsContent = (machine: Machine): Promise<string> => aegir(machine, 'doctor');
