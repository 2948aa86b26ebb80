import { AegirError } from '../provision/model/errors.ts';
import { KEPT_DAYS } from '../provision/model/kept-days.ts';

/** How the sites of a platform are moved. */
export interface MoveSettings {
  /** How many move at the same time. */
  atOnce: number;
  /** For how many days a site can go back. */
  keepDays: number;
  /** If one move fails, the moves that still wait are cancelled. */
  stopOnFailure: boolean;
  /** Move a site although the platform lacks packages that it uses. */
  anyway: boolean;
}

/** The settings when no option is given. */
export const defaultMoveSettings: MoveSettings = {
  atOnce: 2,
  keepDays: KEPT_DAYS,
  stopOnFailure: false,
  anyway: false,
};

/** An option of `platform migrate` and of `:move`. One with a `least` takes a whole number of at least that. */
export interface MoveOption {
  flag: string;
  name: keyof MoveSettings;
  least?: number;
  help: string;
}

/** The options that set how sites are moved. */
export const moveOptions: readonly MoveOption[] = [
  {
    flag: '--at-once',
    name: 'atOnce',
    least: 1,
    help: `how many sites move at the same time (default ${defaultMoveSettings.atOnce})`,
  },
  { flag: '--stop-on-failure', name: 'stopOnFailure', help: 'if one move fails, cancel those that still wait' },
  {
    flag: '--keep-days',
    name: 'keepDays',
    least: 0,
    help: `how many days a site can go back (default ${defaultMoveSettings.keepDays})`,
  },
  { flag: '--anyway', name: 'anyway', help: 'move sites although the new platform lacks packages that they use' },
];

/** The settings by the values of these options, with defaults for the others. Throws `ARGUMENT_INVALID`. */
export function moveSettingsOf(values: Readonly<Record<string, unknown>>): MoveSettings {
  const given = moveOptions.filter(({ name }) => values[name] !== undefined);
  return {
    ...defaultMoveSettings,
    ...Object.fromEntries(given.map((option) => [option.name, optionValue(option, values)])),
  };
}

function optionValue({ flag, name, least }: MoveOption, values: Readonly<Record<string, unknown>>): number | boolean {
  if (least === undefined) return values[name] === true;
  const number = String(values[name]);
  if (/^\d{1,9}$/.test(number) && Number(number) >= least) return Number(number);
  throw new AegirError(
    'ARGUMENT_INVALID',
    `${flag} "${number}" is not a whole number of at least ${least}`,
    'See --help.',
    flag.slice(2),
  );
}

/** The settings by a text with such options: `--at-once 4 --keep-days=14 --anyway`. Throws `ARGUMENT_INVALID`. */
export function parseMoveSettings(text: string): MoveSettings {
  const values: Record<string, unknown> = {};
  const left = text.split(/[\s=]+/).filter(Boolean);
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const option = moveOptions.find(({ flag }) => flag === word);
    if (!option)
      throw new AegirError('ARGUMENT_INVALID', `there is no option "${word}"`, `The options of :move are ${usage}.`);
    values[option.name] = option.least === undefined ? true : (left.shift() ?? '');
  }
  return moveSettingsOf(values);
}

const usage = moveOptions.map(({ flag, least }) => (least === undefined ? flag : `${flag} N`)).join(', ');
