import type { Inventory } from '../../db/inventory.ts';
import type { FormChoice } from '../model/form.ts';
import type { ConsoleState } from '../model/state.ts';
import { currentForm } from '../model/state.ts';
import { answerOf, currentQuestion } from './form.ts';
import { knownNames } from './lookups.ts';
import { choicesOf } from './make-form.ts';

/**
 * What the question of the form that is open offers. Kept while the question, its form and the inventory stay the same:
 * there may be a hundred thousand.
 */
export function makeOffered(
  getState: () => ConsoleState,
  inventory: () => Inventory | undefined,
): () => readonly FormChoice[] {
  let offered: { of: readonly unknown[]; choices: readonly FormChoice[] } = { of: [], choices: [] };
  return () => {
    const state = getState();
    const db = inventory();
    const form = currentForm(state)?.form;
    if (!form || !db) return [];
    const of = [
      form.definition,
      form.objects,
      form.current,
      ...['platform', 'source', 'backup'].map((name) => answerOf(form, name)),
      state.data.generation,
    ];
    if (of.some((part, place) => part !== offered.of[place])) {
      offered = { of, choices: choicesOf(currentQuestion(form), form, knownNames(db, form)) };
    }
    return offered.choices;
  };
}
