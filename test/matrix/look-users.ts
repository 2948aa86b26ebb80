import { readdirSync, readFileSync } from 'node:fs';
import type { Tell } from './look.ts';
import type { Mask } from './mask.ts';
import type { World } from './world.ts';

/** Unix users and groups of the world's sites. */
export function lookAtUsers({ stack }: World, mask: Mask, tell: Tell): void {
  for (const file of ['/etc/passwd', '/etc/group']) {
    const lines = readFileSync(file, 'utf8').split('\n');
    const { handlePrefix } = stack.server;
    for (const line of lines.filter((one) => new RegExp(`^${handlePrefix}\\d+:`).test(one))) {
      const [name = '', , id = '', more = '', , home = ''] = line.split(':');
      const ids = file === '/etc/passwd' ? `${mask.id(Number(id))} ${mask.text(home)}` : mask.id(Number(id));
      tell(`${file} ${name}`, `${ids} ${file === '/etc/group' ? more : ''}`);
    }
  }
}

/** PHP that waits for visitors, and the services themselves, which a task may have started. */
const services = /^(php-fpm|nginx|\S*mariadbd|\S*php-fpm)/;

/** Processes of the sites' users, and children of tasks, that are no service. */
export function lookAtProcesses({ stack }: World, mask: Mask, tell: Tell): void {
  const { uidBase } = stack.server;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const read = (name: string): string => {
      try {
        return readFileSync(`/proc/${pid}/${name}`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    };
    const uid = Number(/^Uid:\s+(\d+)/m.exec(read('status'))?.[1]);
    const isSites = uid > uidBase && uid < uidBase + 50_000;
    const words = read('cmdline').trim();
    if (words === '' || services.test(words)) continue;
    if (isSites || read('environ').includes(`AEGIR_TASK=${stack.root}#`))
      tell(`process ${mask.text(words)}`, mask.id(uid));
  }
}
