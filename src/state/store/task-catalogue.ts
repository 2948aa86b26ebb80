import type { TaskCatalogue } from '../model/catalogue.ts';

/** Loads the task types with their schemas. Called after the first frame: they are the heavy part of the program. */
export async function loadTaskCatalogue(): Promise<TaskCatalogue> {
  const [
    { taskDefinitions },
    { fieldsOf },
    queue,
    { rankEntries },
    contexts,
    services,
    defaults,
    moves,
    clients,
    names,
    context,
    files,
  ] = await Promise.all([
    import('../../provision/tasks/registry.ts'),
    import('../../provision/tasks/model/fields.ts'),
    import('../../worker/queue.ts'),
    import('../dialogs/rank.ts'),
    import('../../worker/contexts.ts'),
    import('../../provision/services/registry.ts'),
    import('../../worker/argument-defaults.ts'),
    import('../../worker/platform-migrate.ts'),
    import('../../worker/clients.ts'),
    import('../../provision/model/site-names.ts'),
    import('../../provision/model/context.ts'),
    import('../../worker/site-files.ts'),
  ]);
  return {
    definitions: taskDefinitions,
    fieldsOf: (definition) => fieldsOf(definition.args),
    askedOf: ({ paths }, definition) => defaults.askedOf(paths, definition),
    clients: { ...clients, fields: fieldsOf(clients.clientArgs), editFields: fieldsOf(clients.clientEditArgs) },
    objectName: queue.objectName,
    queueTask: queue.queueTask,
    cancellableTask: queue.cancellableTask,
    retryOf: queue.retryOf,
    recoverableTask: queue.recoverableTask,
    cancelTask: queue.cancelTask,
    retryTask: queue.retryTask,
    recoverLater: queue.recoverLater,
    beginMoves: moves.beginMoves,
    siteUrl(row, site) {
      const server = contexts.serverContextFrom(row, '');
      const address = names.addressOf({ ...site, web: context.siteWeb.parse(site.web) });
      return services.httpDriver(server).url(server, address);
    },
    siteFiles: files.siteFiles,
    rank: rankEntries,
  };
}
