import { flag, oneOf, readConfigPart, shortText } from '../provision/model/config-file.ts';
import type { RootPaths } from '../provision/model/paths.ts';
import type { AnyTask } from '../provision/tasks/model/tasks.ts';

export const labelColours = ['red', 'green', 'yellow', 'blue', 'magenta', 'cyan'] as const;
export type LabelColour = (typeof labelColours)[number];

/** How a machine is marked so that people can tell it from others; `"server"` in config.json of the settings folder. */
export interface Marking {
  /** Shown next to its name: "PRODUCTION", "staging"; '' for nothing. */
  label: string;
  colour: LabelColour;
  /** If true, tasks that take a site offline or move it are confirmed by typing the site's name. */
  production: boolean;
}

export const noMarking: Marking = { label: '', colour: 'red', production: false };

/** Reads the marking; a production server has a default label. Throws `CONFIG_INVALID`. */
export function readMarking(paths: Pick<RootPaths, 'etc'>): Marking {
  const rules = { label: shortText(20), colour: oneOf(...labelColours), production: flag };
  const marking = readConfigPart(paths, 'server', rules, noMarking);
  return { ...marking, label: marking.label.trim() || (marking.production ? 'PRODUCTION' : '') };
}

/** How a task is confirmed on a machine: on a production server some need the site's name instead of a yes. */
export const dangerOf = (
  { danger, object }: Pick<AnyTask, 'danger' | 'object'> | { danger: 'none'; object: 'client' },
  { production }: Pick<Marking, 'production'>,
): AnyTask['danger'] => (production && danger === 'confirm' && object === 'site' ? 'typed' : danger);
