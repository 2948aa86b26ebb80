import { describeError } from '../../provision/model/errors.ts';
import type { Access } from '../../worker/queue-access.ts';
import type { HandOver } from '../model/command.ts';
import type { Tone } from '../model/parts.ts';
import type { NewRoot } from '../model/state.ts';
import type { ConsoleDeps } from '../model/store.ts';
import { NEW_HERE } from '../pages/tour.ts';

/** What stepping aside needs of the store. */
interface StepAsideTools {
  deps: Pick<ConsoleDeps, 'runSetup' | 'handOver'>;
  stepAside(work: () => Promise<{ read: boolean }>): Promise<unknown>;
  notify(text: string, tone?: Tone): void;
  refresh(): void;
  opened(queue: Access): void;
}

/** The things for which the console gives the terminal away, and comes back as it was. */
export function makeStepsAside(tools: StepAsideTools): {
  setUp(as: NewRoot): void;
  handOver(what: HandOver): void;
  away(): boolean;
} {
  const { deps, notify } = tools;
  let away = false;

  /** One at a time: the keys that come in between are not ours. */
  async function aside(work: () => Promise<{ read: boolean }>): Promise<void> {
    if (away) return;
    away = true;
    try {
      let failed: unknown;
      await tools.stepAside(async () => {
        try {
          return await work();
        } catch (error) {
          failed = error;
          return { read: false };
        }
      });
      tools.refresh();
      if (failed) throw failed;
    } catch (error) {
      const { message, hint } = describeError(error);
      notify(`${message}. ${hint}`, 'bad');
    } finally {
      away = false;
    }
  }

  return {
    away: () => away,
    setUp: (as) =>
      void aside(async () => {
        const made = await deps.runSetup?.(as);
        if (made) tools.opened(made);
        const what = as === 'server' ? 'Setup' : 'The trial';
        if (made) notify(NEW_HERE, 'accent');
        else notify(`${what} did not get to its end; aegir doctor says what is missing.`, 'warn');
        return { read: true };
      }),
    handOver: (what) =>
      void aside(async () => {
        const { read, said } = (await deps.handOver?.(what)) ?? { read: false, said: '' };
        if (said !== '') notify(said);
        return { read };
      }),
  };
}
