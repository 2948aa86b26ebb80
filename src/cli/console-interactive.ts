import type { HandedBack, HandOver } from '../state/model/command.ts';
import { editLocal } from '../worker/edit-local.ts';
import { execInSite, promptDatabase, shellOnServer } from '../worker/interactive.ts';
import type { Queue } from '../worker/queue-access.ts';
import { askToRetry } from './interactive.ts';

/** Does by hand what was asked for in the console, on the terminal that it has stepped away from. */
export async function handOver(queue: Queue, what: HandOver): Promise<HandedBack> {
  switch (what.kind) {
    case 'shell':
      say('Your shell on this server. "exit" goes back to the console.');
      await shellOnServer(queue);
      return { read: false, said: '' };
    case 'exec': {
      if (what.line === '') say(`A shell in ${what.uri}, as its own user. "exit" goes back to the console.`);
      // A person's own line, run by his shell as the site's user.
      const code = await execInSite(queue, what.uri, what.line === '' ? [] : ['/bin/sh', '-c', what.line]);
      return { read: what.line !== '', said: what.line !== '' && code !== 0 ? `It ended with code ${code}.` : '' };
    }
    case 'database': {
      say(`The database of ${what.uri}. ctrl-d goes back to the console.`);
      const code = await promptDatabase(queue, what.uri);
      return { read: code !== 0, said: '' };
    }
    case 'edit': {
      const { file, changed, verifyNeeded } = await editLocal(queue, what.uri, what.file, askToRetry);
      const then = verifyNeeded ? ' v verifies the site and puts it to use.' : '';
      return { read: false, said: changed ? `${file} is changed.${then}` : `${file} is as it was.` };
    }
  }
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);
