import type { Program } from '../../provision/program.ts';
import type { Access, Queue } from '../../worker/queue-access.ts';
import type { TaskCatalogue } from '../model/catalogue.ts';

/** Loads what works with the task types of a program. Called after the first frame: it is the heavy part. */
export async function loadTaskCatalogue(program: Program): Promise<TaskCatalogue> {
  const [
    { fieldsOf },
    queue,
    { rankEntries },
    contexts,
    asked,
    moves,
    clients,
    names,
    context,
    files,
    availability,
    records,
  ] = await Promise.all([
    import('../../provision/tasks/model/fields.ts'),
    import('../../worker/queue.ts'),
    import('../dialogs/rank.ts'),
    import('../../worker/contexts.ts'),
    import('../../worker/asked-argument.ts'),
    import('../../worker/platform-migrate.ts'),
    import('../../worker/clients.ts'),
    import('../../provision/model/site-names.ts'),
    import('../../provision/model/context.ts'),
    import('../../worker/site-files.ts'),
    import('../../worker/availability.ts'),
    import('../../worker/records.ts'),
  ]);
  const to = (access: Access): Queue => ({ ...access, program });
  return {
    definitions: program.tasks.list,
    fieldsOf: (definition) => fieldsOf(definition.args),
    askedOf: ({ paths }, definition) => asked.askedOf(paths, definition),
    clients: { ...clients, fields: fieldsOf(clients.clientArgs), editFields: fieldsOf(clients.clientEditArgs) },
    refusal: (root, type, kind, name) => availability.refusalOf({ ...root, program }, type, kind, name),
    present(root, type, name) {
      const task = program.tasks.find(type);
      const known = records.recordsOf(root);
      const object = task?.present && availability.recordOf(known, task.object, name);
      const answers = object ? task?.present?.(object as never, known) : undefined;
      return Object.fromEntries(
        Object.entries(answers ?? {}).flatMap(([field, value]) =>
          value === '' || value === null || value === undefined ? [] : [[field, String(value)]],
        ),
      );
    },
    meaning: (root, type, name, args) =>
      program.tasks.find(type)?.notes?.(records.recordsOf(root), name, args as never).question ?? [],
    objectName: queue.objectName,
    queueTask: (access, request) => queue.queueTask(to(access), request),
    cancellableTask: (access, id) => void queue.cancellableTask(to(access), id),
    retryOf: (access, id) => void queue.retryOf(to(access), id),
    recoverableTask: (access, id) => void queue.recoverableTask(to(access), id),
    cancelTask: (access, id) => queue.cancelTask(to(access), id),
    retryTask: (access, id) => queue.retryTask(to(access), id),
    recoverLater: (access, id) => queue.recoverLater(to(access), id),
    beginMoves: (access, ...wish) => moves.beginMoves(to(access), ...wish),
    siteUrl(row, site) {
      const server = contexts.serverContextFrom(row, '');
      const address = names.addressOf({ ...site, web: context.siteWeb.parse(site.web) });
      return program.services.http(server).url(server, address);
    },
    siteFiles: (db, root, uri, known) => files.siteFiles(db, program, root, uri, known),
    rank: rankEntries,
  };
}
