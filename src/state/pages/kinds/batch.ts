import { findBatch, listBatchIds } from '../../../db/batches.ts';
import { listTaskLines } from '../../../db/lists.ts';
import { newestAttempts } from '../../model/attempts.ts';
import { type Data, MOST_TASKS } from '../../model/data.ts';
import { definePage, type HeadFact, MOST_NAMES } from '../definition.ts';
import { textFact } from '../facts.ts';
import { ownData } from '../own-data.ts';
import { tasksTab } from '../tasks-tab.ts';

const batchRow = ownData<ReturnType<typeof findBatch>>(undefined);

/** Tasks that were queued together. */
export const batchPage = definePage({
  kind: 'batch',
  title: 'Tasks',
  place: "a batch's page: :batch ID",
  breadcrumb: (_state, { name }) => ['Tasks', `batch ${name.slice(0, 8)}`],
  facts: ({ data }, { name }) => batchFacts(data) ?? `There is no batch ${name}.`,
  tabs: [tasksTab],
  read: ({ db }, { name }, old) => ({
    objectTasks: listTaskLines(db, MOST_TASKS, { batch: name }),
    ...batchRow.put(old, findBatch(db, name)),
  }),
  names: { of: 'batch', read: (db, begun) => listBatchIds(db, begun, MOST_NAMES) },
});

function batchFacts(data: Data): HeadFact[][] | undefined {
  if (data.objectTasks.length === 0) return undefined;
  const batch = batchRow.of(data);
  const tasks = newestAttempts(data.objectTasks);
  const count = (...states: string[]): number => tasks.filter(({ state }) => states.includes(state)).length;
  const [failed, open] = [count('failed', 'cancelled'), count('queued', 'running', 'interrupted')];
  const done = tasks.length - open;
  return [
    [
      { name: 'ended', cell: { text: `${done} of ${tasks.length}`, tone: open === 0 ? 'good' : 'busy' } },
      textFact('running', String(count('running'))),
      textFact('waiting', String(count('queued'))),
      { name: 'failed', cell: { text: String(failed), tone: failed > 0 ? 'bad' : 'plain' } },
    ],
    batch
      ? [
          textFact('at once', String(batch.atOnce)),
          textFact('at a failure', batch.stopOnFailure ? 'the rest ends' : 'goes on'),
        ]
      : [],
  ];
}
