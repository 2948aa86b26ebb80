import { childHost } from '../../src/provision/host/makers/child.ts';

/** A program for a terminal: a site's user talks with the person, by a host that is another process. */
const [, , policy = '', user = ''] = process.argv;
const script = 'tty -s && echo "on a terminal as $(id -un)"; read -r line; echo "got $line"; exit 7';
const shell = { user, file: '/bin/sh', args: ['-c', script], cwd: '/' };
process.exitCode = (await childHost(JSON.parse(policy)).act('user.terminal', shell)).code;
