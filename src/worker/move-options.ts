import { AegirError } from '../provision/model/errors.ts';
import { KEPT_DAYS } from '../provision/model/kept-days.ts';

/** How the sites of a platform are moved. */
export interface MoveWay {
  /** How many move at the same time. */
  atOnce: number;
  /** For how many days a site can go back. */
  keepDays: number;
  /** The first that fails ends those that still wait. */
  stopOnFailure: boolean;
  /** Go on although packages are missing. */
  anyway: boolean;
}

/** How they are moved unless something else is said. */
export const usualMoveWay: MoveWay = { atOnce: 2, keepDays: KEPT_DAYS, stopOnFailure: false, anyway: false };

/** An option that says it, on the command line and behind `:move` alike; one with a least number takes a number. */
export interface MoveOption {
  flag: string;
  name: keyof MoveWay;
  least?: number;
  help: string;
}

/** The options that say how sites are moved. */
export const moveOptions: readonly MoveOption[] = [
  {
    flag: '--at-once',
    name: 'atOnce',
    least: 1,
    help: `how many move at the same time; ${usualMoveWay.atOnce} unless said`,
  },
  { flag: '--stop-on-failure', name: 'stopOnFailure', help: 'the first that fails ends those that still wait' },
  {
    flag: '--keep-days',
    name: 'keepDays',
    least: 0,
    help: `for how many days a site can go back; ${usualMoveWay.keepDays} unless said`,
  },
  { flag: '--anyway', name: 'anyway', help: 'go on although the platform lacks packages that a site uses' },
];

/** What was said by these options, the rest as usual. Throws `ARGUMENT_INVALID` for what is no number. */
export function moveWayOf(said: Readonly<Record<string, unknown>>): MoveWay {
  const given = moveOptions.filter(({ name }) => said[name] !== undefined);
  return { ...usualMoveWay, ...Object.fromEntries(given.map((option) => [option.name, givenOf(option, said)])) };
}

function givenOf({ flag, name, least }: MoveOption, said: Readonly<Record<string, unknown>>): number | boolean {
  if (least === undefined) return said[name] === true;
  const number = String(said[name]);
  if (/^\d{1,9}$/.test(number) && Number(number) >= least) return Number(number);
  throw new AegirError(
    'ARGUMENT_INVALID',
    `${flag} "${number}" is no number from ${least} on`,
    'See --help.',
    flag.slice(2),
  );
}

/** The same of a text with such options: `--at-once 4 --keep-days=14 --anyway`. Throws `ARGUMENT_INVALID`. */
export function moveWayOfText(text: string): MoveWay {
  const said: Record<string, unknown> = {};
  const left = text.split(/[\s=]+/).filter(Boolean);
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const option = moveOptions.find(({ flag }) => flag === word);
    if (!option) throw new AegirError('ARGUMENT_INVALID', `"${word}" is none of ${usage}`, 'See :move in the help.');
    said[option.name] = option.least === undefined ? true : (left.shift() ?? '');
  }
  return moveWayOf(said);
}

const usage = moveOptions.map(({ flag, least }) => (least === undefined ? flag : `${flag} N`)).join(', ');
