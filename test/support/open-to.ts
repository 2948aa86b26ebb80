import { spawn } from 'node:child_process';
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** Somebody on the machine, without groups but his own. */
export interface Somebody {
  uid: number;
  gid: number;
}

/** Everything below a folder, links not followed; `skip` leaves out a path with all below it. */
export function pathsBelow(folder: string, skip: (path: string) => boolean = () => false): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (skip(path)) return [];
    return lstatSync(path).isDirectory() ? [path, ...pathsBelow(path, skip)] : [path];
  });
}

/** What somebody may do with each of these, as the kernel says it (access(2)): 'r', 'w' or 'rw'; nothing is left out. */
export async function openTo({ uid, gid }: Somebody, paths: string[]): Promise<Map<string, string>> {
  const code = `const { accessSync, constants } = require('fs');
    process.setgroups([]); process.setgid(${gid}); process.setuid(${uid});
    const may = (path, mode) => { try { accessSync(path, mode); return true; } catch { return false; } };
    const paths = JSON.parse(require('fs').readFileSync(0, 'utf8'));
    console.log(JSON.stringify(paths.map((path) =>
      [path, (may(path, constants.R_OK) ? 'r' : '') + (may(path, constants.W_OK) ? 'w' : '')])));`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(paths));
  const found = JSON.parse(await text(child.stdout)) as [string, string][];
  return new Map(found.filter(([, may]) => may !== ''));
}

/**
 * Opens each file as somebody, locks it in both ways that there are (fcntl(2), flock(2)), and goes on holding it. Gives
 * how to end that. Node can lock no file; Perl is on every machine of Debian.
 */
export async function holdAll({ uid, gid }: Somebody, files: string[]): Promise<() => void> {
  const code = `use Fcntl ':flock', ':mode', 'F_SETLK', 'F_RDLCK'; $| = 1; my @held; my $n = 0;
    while (my $path = <STDIN>) {
      chomp $path; open(my $file, '<', $path) or next; push @held, $file;
      my $lock = pack('ssx4qqi', F_RDLCK, 0, 0, 0, 0);
      $n++ if fcntl($file, F_SETLK, $lock) && flock($file, LOCK_SH | LOCK_NB);
    }
    print "$n\\n"; sleep 600;`;
  const drop = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
  const child = spawn('setpriv', [...drop, 'perl', '-e', code], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(files.map((file) => `${file}\n`).join(''));
  const held = await new Promise<string>((resolve) => {
    child.stdout.once('data', (said: Buffer) => resolve(said.toString()));
    child.once('exit', () => resolve('none'));
  });
  if (held !== `${files.length}\n`) throw new Error(`of ${files.length} files it holds ${held}`);
  return () => void child.kill('SIGKILL');
}
