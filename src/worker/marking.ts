import { flag, oneOf, readConfigPart, shortText } from '../provision/model/config-file.ts';
import type { RootPaths } from '../provision/model/paths.ts';
import type { AnyTask } from '../provision/tasks/registry.ts';

export const labelColours = ['red', 'green', 'yellow', 'blue', 'magenta', 'cyan'] as const;
export type LabelColour = (typeof labelColours)[number];

/** By what a machine is told from others; `"server"` in config.json, in the folder of what people write. */
export interface Marking {
  /** What stands beside its name: "PRODUCTION", "staging"; '' for nothing. */
  label: string;
  colour: LabelColour;
  /** What takes a site of it from its visitors, or moves it, is asked for by the site's name. */
  production: boolean;
}

export const noMarking: Marking = { label: '', colour: 'red', production: false };

/** Reads it; a production server is labelled so unless another label is said. Throws `CONFIG_INVALID`. */
export function readMarking(paths: Pick<RootPaths, 'etc'>): Marking {
  const rules = { label: shortText(20), colour: oneOf(...labelColours), production: flag };
  const marking = readConfigPart(paths, 'server', rules, noMarking);
  return { ...marking, label: marking.label.trim() || (marking.production ? 'PRODUCTION' : '') };
}

/** How a task is asked for on a machine: on a production server a site's name is typed where else a yes would do. */
export const dangerOf = (
  { danger, object }: Pick<AnyTask, 'danger' | 'object'> | { danger: 'none'; object: 'client' },
  { production }: Pick<Marking, 'production'>,
): AnyTask['danger'] => (production && danger === 'confirm' && object === 'site' ? 'typed' : danger);
