import { AegirError } from '../../errors.ts';
import { httpDriver } from '../../services/registry.ts';
import type { Step, TaskContexts } from '../../task.ts';

/** Asks the web server for the front page; what visitors would see decides. */
export const probeSite: Step<TaskContexts['site']> = {
  name: 'probe',
  title: 'Ask for the front page',
  async run({ site }, io) {
    const answer = await httpDriver(site.server).probe(io.host, site.server, site.uri, '/');
    if (answer.status >= 200 && answer.status < 400) {
      return io.log('info', `the front page answers ${answer.status}`);
    }
    throw new AegirError(
      'SITE_NOT_ANSWERING',
      `the front page of ${site.uri} answers ${answer.status === 0 ? answer.body : answer.status}`,
      'Its own error log says more: aegir site show names the folder.',
    );
  },
};
