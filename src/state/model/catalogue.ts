import type { Inventory } from '../../db/inventory.ts';
import type { ServerRow } from '../../db/servers.ts';
import type { SiteRow } from '../../db/sites.ts';
import type { ObjectKind } from '../../db/tasks.ts';
import type { Json } from '../../provision/model/errors.ts';
import type { Field } from '../../provision/tasks/model/fields.ts';
import type { Refusal } from '../../provision/tasks/model/records.ts';
import type { AnyTask } from '../../provision/tasks/model/tasks.ts';
import type { RootFiles } from '../../worker/open-root.ts';
import type { beginMoves } from '../../worker/platform-migrate.ts';
import type { Access, TaskRequest } from '../../worker/queue-access.ts';
import type { SiteFiles } from '../../worker/site-files.ts';
import type { PaletteEntry } from './parts.ts';

/** The parameters behind the first. */
type Rest<F extends (first: never, ...rest: never[]) => unknown> =
  Parameters<F> extends [unknown, ...infer R] ? R : never;

/** Puts the entries that fit what was typed in order, best first, a screenful of them. */
export type RankEntries = (typed: string, entries: readonly PaletteEntry[]) => readonly PaletteEntry[];

/** What the console needs of the task types and the queue. */
export interface TaskCatalogue {
  definitions: readonly AnyTask[];
  fieldsOf(definition: AnyTask): Field[];
  /** What is asked by itself before a task is begun, unless config.json has answered it. */
  askedOf(queue: Access, definition: AnyTask): Field | undefined;
  /** The reason why a task on an object cannot be queued now. */
  refusal(files: RootFiles, type: string, kind: ObjectKind, name: string): Refusal | undefined;
  /** What an object has now of what a task changes, by argument: it is shown beside the questions. */
  present(files: RootFiles, type: string, name: string): Readonly<Record<string, string>>;
  /** What a task means for an object, beyond what its type says. */
  meaning(files: RootFiles, type: string, name: string, args: Readonly<Record<string, Json>>): readonly string[];
  /** The canonical name of the object that was typed; throws AegirError when it cannot be one. */
  objectName(definition: AnyTask, typed: string): string;
  queueTask(queue: Access, request: TaskRequest): number;
  /** Throws where the task cannot be cancelled, tried again, recovered; these change nothing. */
  cancellableTask(queue: Access, id: number): void;
  retryOf(queue: Access, id: number): void;
  recoverableTask(queue: Access, id: number): void;
  /** Clients are no tasks: what is asked of them, and how they are changed. */
  clients: Pick<typeof import('../../worker/clients.ts'), 'addClient' | 'editClient' | 'deleteClient'> & {
    fields: readonly Field[];
    editFields: readonly Field[];
  };
  cancelTask(queue: Access, id: number): void;
  retryTask(queue: Access, id: number): number;
  recoverLater(queue: Access, id: number): void;
  beginMoves(access: Access, ...wish: Rest<typeof beginMoves>): ReturnType<typeof beginMoves>;
  /** The address of a site as people open it. Throws where the web server's settings are not as its driver has them. */
  siteUrl(server: ServerRow, site: SiteRow): string;
  /** The files that are written for a site. Throws where there is no such site. */
  siteFiles(db: Inventory, root: string, uri: string, known?: SiteFiles): SiteFiles;
  /** The search of the palette. */
  rank: RankEntries;
}
