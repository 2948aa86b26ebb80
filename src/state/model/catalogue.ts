import type { ServerRow } from '../../db/servers.ts';
import type { SiteRow } from '../../db/sites.ts';
import type { Field } from '../../provision/tasks/model/fields.ts';
import type { AnyTask } from '../../provision/tasks/registry.ts';
import type { Queue, TaskRequest } from '../../worker/queue-access.ts';
import type { PaletteEntry } from './parts.ts';

/** Puts the entries that fit what was typed in order, best first, a screenful of them. */
export type RankEntries = (typed: string, entries: readonly PaletteEntry[]) => readonly PaletteEntry[];

/** What the console needs of the task types and the queue. */
export interface TaskCatalogue {
  definitions: readonly AnyTask[];
  fieldsOf(definition: AnyTask): Field[];
  /** What is asked by itself before a task is begun, unless config.json has answered it. */
  askedOf(queue: Queue, definition: AnyTask): Field | undefined;
  /** The canonical name of the object that was typed; throws AegirError when it cannot be one. */
  objectName(definition: AnyTask, typed: string): string;
  queueTask(queue: Queue, request: TaskRequest): number;
  /** Throws where the task cannot be cancelled, tried again, recovered; these change nothing. */
  cancellableTask(queue: Queue, id: number): void;
  retryOf(queue: Queue, id: number): void;
  recoverableTask(queue: Queue, id: number): void;
  /** Clients are no tasks: what is asked of them, and how they are changed. */
  clients: Pick<typeof import('../../worker/clients.ts'), 'addClient' | 'editClient' | 'dropClient'> & {
    fields: readonly Field[];
    editFields: readonly Field[];
  };
  cancelTask(queue: Queue, id: number): void;
  retryTask(queue: Queue, id: number): number;
  recoverLater(queue: Queue, id: number): void;
  beginMoves: typeof import('../../worker/platform-migrate.ts').beginMoves;
  /** The address of a site as people open it. Throws where the web server's settings are not as its driver has them. */
  siteUrl(server: ServerRow, site: SiteRow): string;
  /** The files that are written for a site. Throws where there is no such site. */
  siteFiles: typeof import('../../worker/site-files.ts').siteFiles;
  /** The search of the palette. */
  rank: RankEntries;
}
