import { hostname } from 'node:os';
import { checkedAct } from '../acts/registry.ts';
import type { ActOptions, Host } from '../host.ts';
import { accountOf, accountOfUid } from '../local/accounts.ts';
import { asChildrenOf } from '../local/children.ts';
import { runCommand } from '../local/exec.ts';
import { fetchPage } from '../local/fetch-page.ts';
import { freeSpace, readsHere } from '../local/reads.ts';
import { hasSiteUsers, type Policy } from '../policy.ts';
import type { RootActs, RootVerb } from '../root-acts.ts';

/** This machine, with acts limited by a policy. Commands it starts are children of the policy's task. */
export function localHost(policy: Policy): Host {
  return {
    name: hostname(),
    planning: false,
    ...readsHere,
    siteUsers: hasSiteUsers(policy),
    account: async (user) => accountOf(user),
    accountOfUid: async (uid) => accountOfUid(uid),
    space: freeSpace,
    ask: (command) => asChildrenOf(policy, () => runCommand(command)),
    fetch: fetchPage,
    async act<V extends RootVerb>(verb: V, args: RootActs[V]['args'], live: ActOptions = {}) {
      const checked = checkedAct(verb, args);
      return (await asChildrenOf(policy, () => checked.act.run(checked.args, policy, live))) as RootActs[V]['result'];
    },
  };
}
