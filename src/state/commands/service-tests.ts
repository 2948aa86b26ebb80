import { describeError } from '../../provision/model/errors.ts';
import type { ServiceTest } from '../../worker/test-services.ts';
import type { Act } from '../model/command.ts';
import { withDialog } from '../model/open-dialog.ts';
import { currentPage } from '../model/state.ts';
import type { ConsoleDeps } from '../model/store.ts';
import { textDialog } from '../pages/text-dialog.ts';

/** Lets services test their configuration, and shows what they say above the page, unless that was left meanwhile. */
export function showTests(tools: { act: Act; testServices: ConsoleDeps['testServices'] }, name: string): void {
  const { act, testServices } = tools;
  if (!testServices) {
    act.notify('This session cannot ask the services.', 'warn');
    return;
  }
  act.notify('The services test their configuration …');
  const before = currentPage(act.state());
  testServices(name).then(
    (tests) =>
      act.update((state) => {
        const page = currentPage(state);
        if (page.kind !== before.kind || page.name !== before.name || state.dialogs.length > 0) return state;
        const refused = tests.some((test) => test.refused);
        const title = refused ? 'A service refuses its configuration' : 'All services take their configuration';
        return withDialog(state, textDialog(title, tests.flatMap(linesOf)));
      }),
    (error) => act.notify(describeError(error).message, 'bad'),
  );
}

const linesOf = ({ name, warnings, refused }: ServiceTest): string[] => [
  `${name}: ${refused ? `${refused.message}. ${refused.hint}` : warnings.length > 0 ? 'takes it, and warns:' : 'takes it'}`,
  ...warnings.map((warning) => `  ${warning}`),
];
