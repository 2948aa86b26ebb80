import type { RootPaths } from '../provision/model/paths.ts';
import { type Field, fieldsOf } from '../provision/tasks/model/fields.ts';
import type { AnyTask } from '../provision/tasks/model/tasks.ts';
import { readSitePolicy } from './site-policy.ts';

/** The argument that a task asks a person for before it starts; undefined if config.json decides it, or none is asked. */
export function askedOf(paths: RootPaths, definition: AnyTask): Field | undefined {
  const field = fieldsOf(definition.args).find(({ asked }) => asked !== undefined);
  return field && readSitePolicy(paths).backupBeforeDelete === 'ask' ? field : undefined;
}
