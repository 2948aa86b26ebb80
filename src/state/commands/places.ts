import type { Scope } from '../model/command.ts';

const words: Record<Scope, string> = {
  anywhere: 'every page',
  list: 'a list',
  tabs: 'a page with tabs',
  log: 'a log',
  'tab:Moves': 'the tab Moves of a comparison: m on a platform',
  'on:site': 'a site',
  'on:platform': 'a platform',
  'on:server': 'a server',
  'on:task': 'a task',
  'on:backup': 'a backup',
  'on:client': 'a client',
  'page:home': 'the page of a new machine',
  'page:sites': 'the list of sites: 1',
  'page:platforms': 'the list of platforms: 2',
  'page:servers': 'the list of servers: 3',
  'page:tasks': 'the list of tasks: 4',
  'page:backups': 'the list of backups: 5',
  'page:clients': 'the list of clients: 6',
  'page:site': "a site's page",
  'page:platform': "a platform's page",
  'page:server': "a server's page",
  'page:task': "a task's page",
  'page:backup': "a backup's page",
  'page:compare': 'the comparison of two platforms: m on a platform',
  'page:batch': "a batch's page: :batch ID",
  'page:log': "a log's page",
  'page:file': "a file's page",
  'tab:Aliases': "the tab Aliases of a site's page",
};

/** Where a command is done, for people. */
export const placeOf = (scopes: readonly Scope[]): string =>
  [...new Set(scopes.map((scope) => words[scope]))].slice(0, 2).join(', or on ');
