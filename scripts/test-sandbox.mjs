// A sandbox for a run of the tests, if root may create namespaces: it has its own processes, /tmp and /dev/shm in
// memory, and a private copy of /etc. Everything in it ends with the run, however that ends, and the machine's own
// users, files and settings do not change. Plain JavaScript for Node 18 and newer.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { project } from './packages.mjs';

/** With less free memory than this, temporary files are on the disk. */
const ROOMY_BYTES = 6 * 2 ** 30;

/** unshare(1) with separate processes and mounts; the processes in it are killed when unshare is. */
const own = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];

/**
 * The program and arguments that run a command in a sandbox; undefined if none can be made. `folder`, below /tmp, is
 * the same folder inside and outside. At the end, its file `left` lists the files in the sandbox's /tmp.
 */
export function inSandbox(folder, command) {
  if (process.getuid?.() !== 0 || process.platform !== 'linux') return undefined;
  // The sandbox has folders of its own there, in which a checkout would be missing.
  if (/^\/(?:tmp|dev\/shm)\//.test(project)) return undefined;
  if (spawnSync(own[0], [...own.slice(1), 'true']).status !== 0) return undefined;
  // The sandbox ends when we end, even if we are killed: prctl(2), PR_SET_PDEATHSIG.
  const args = [
    '--pdeathsig',
    'KILL',
    ...own,
    'sh',
    '-c',
    inside,
    'sandbox',
    folder,
    roomy() ? 'tmpfs' : '',
    ...command,
  ];
  return { file: 'setpriv', args };
}

const roomy = () => {
  const available = /^MemAvailable: +(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0;
  return Number(available) * 1024 > ROOMY_BYTES;
};

/**
 * The first process of a sandbox. It makes the mounts and waits for the command; it also reaps orphaned processes.
 * Mounts below /etc outside (containers mount resolv.conf) are visible inside too.
 */
const inside = `
folder=$1 kind=$2; shift 2
mkdir -p "$folder/tmp" "$folder/etc"
if [ "$kind" = tmpfs ]; then mount -t tmpfs -o mode=1777 aegtest "$folder/tmp"
else mount --bind "$folder/tmp" "$folder/tmp"; chmod 1777 "$folder/tmp"; fi || exit 125
mount -t tmpfs -o mode=1777 aegtest /dev/shm || exit 125
mkdir -p /dev/shm/etc/new /dev/shm/etc/work "$folder/tmp/\${folder##*/}"
if mount -t overlay -o lowerdir=/etc,upperdir=/dev/shm/etc/new,workdir=/dev/shm/etc/work aegtest "$folder/etc"; then
  while read -r _ _ _ _ point _; do
    case $point in /etc/*) mount --bind "$point" "$folder\${point}" ;; esac
  done < /proc/self/mountinfo
  mount --move "$folder/etc" /etc
fi
export AEGIR_TEST_SANDBOX="$folder"
mount --bind "$folder" "$folder/tmp/\${folder##*/}" && mount --move "$folder/tmp" /tmp || exit 125
"$@"
code=$?
for path in /tmp/* /tmp/.[!.]*; do
  [ "$path" = "$folder" ] || [ ! -e "$path" ] || echo "$path"
done > "$folder/left"
exit $code
`;

/** The files that a run has left in the /tmp of its sandbox. */
export function leftInSandbox(folder) {
  const file = join(folder, 'left');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}
