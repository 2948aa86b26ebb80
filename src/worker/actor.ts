import { userInfo } from 'node:os';
import type { Actor } from '../db/audit.ts';

/** Who runs this process, and from where: the Unix user, the user behind sudo, the SSH client's address. */
export function currentActor(env: NodeJS.ProcessEnv = process.env): Actor {
  return {
    actor: userName(),
    sudoUser: env.SUDO_USER ?? null,
    sshClient: env.SSH_CONNECTION?.split(' ')[0] ?? null,
  };
}

/** In a container a user id may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`;
  }
}
