import type { HandedBack, HandOver } from '../state/model/command.ts';
import { editLocal } from '../worker/edit-local.ts';
import { execInSite, promptDatabase, shellOnServer } from '../worker/interactive.ts';
import type { Queue } from '../worker/queue-access.ts';
import { askToRetry } from './interactive.ts';

/** Carries out interactive work that the console asks for, on the terminal that the console has released. */
export async function handOver(queue: Queue, what: HandOver): Promise<HandedBack> {
  switch (what.kind) {
    case 'shell':
      say('Your shell on this server. Type "exit" to go back to the console.');
      await shellOnServer(queue);
      return { read: false, said: '' };
    case 'exec': {
      if (what.line === '') say(`A shell in ${what.uri}\nType "exit" to go back to the console.`);
      // A command line that the person typed, run by a shell as the site's user.
      const code = await execInSite(queue, what.uri, what.line === '' ? [] : ['/bin/sh', '-c', what.line]);
      return {
        read: what.line !== '',
        said: what.line !== '' && code !== 0 ? `The command exited with status ${code}.` : '',
      };
    }
    case 'database': {
      say(`The database of ${what.uri}. Press ctrl-d to go back to the console.`);
      const code = await promptDatabase(queue, what.uri);
      return { read: code !== 0, said: '' };
    }
    case 'edit': {
      const { file, changed, verifyNeeded } = await editLocal(queue, what.uri, what.file, askToRetry);
      const then = verifyNeeded ? ' Press v to verify the site, which applies the change.' : '';
      return { read: false, said: changed ? `${file} was changed.${then}` : `${file} was not changed.` };
    }
  }
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);
