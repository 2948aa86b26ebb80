// A sandbox for a run of the tests, where root may make namespaces: its own processes, /tmp and /dev/shm in memory, and a
// copy of /etc that nobody else sees. All that runs in it ends with it, however the run ends, and the machine's own users,
// files and settings stay as they are. Plain JavaScript for Node 18 and newer.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** With less memory than this to spare, temporary files stay on the disk. */
const ROOMY_BYTES = 6 * 2 ** 30;

/** unshare(1): processes and mounts of its own; what runs in it is killed when unshare is. */
const own = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];

/**
 * The file and arguments that run a command in a sandbox; undefined where none can be made. `folder`, below /tmp, is the
 * same folder inside and outside; what lies in the sandbox's /tmp at the end is listed in its file `left`.
 */
export function inSandbox(folder, command) {
  if (process.getuid?.() !== 0 || process.platform !== 'linux') return undefined;
  if (spawnSync(own[0], [...own.slice(1), 'true']).status !== 0) return undefined;
  // All of it ends with us, also when we are killed: prctl(2), PR_SET_PDEATHSIG.
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
 * The first process of a sandbox. It makes the mounts and waits for the command, and so reaps what that leaves running.
 * Below /etc, what is mounted there outside (as containers do with resolv.conf) is seen inside too.
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

/** What a run has left in the /tmp of its sandbox. */
export function leftInSandbox(folder) {
  const file = join(folder, 'left');
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}
