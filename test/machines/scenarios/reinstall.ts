import { must, until, visit } from '../commands.ts';
import { doctorIsContent, lookAt, nothingIsLeft } from '../left.ts';
import type { Scenario } from '../scenario.ts';
import { prepareTasks, SOURCE } from '../tasks.ts';
import { servicesOf } from './services.ts';

/** Each service's packages are installed anew, as an update does; then all is as before. */
export const reinstall: Scenario = {
  name: 'reinstall',
  title: '`apt-get install --reinstall` of each service',
  on: 'server',
  async run({ machine, say }) {
    await prepareTasks(machine);
    const before = await lookAt(machine);
    const packages: string[] = [];
    for (const service of await servicesOf(machine)) {
      const names = packagesOf(service);
      say(`apt-get install --reinstall ${names.join(' ')}`);
      const quiet = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', '-y'];
      await must(machine, [...quiet, 'install', '--reinstall', ...names]);
      packages.push(...names);
      await until(
        `${SOURCE} answers after ${names.join(' ')}`,
        60,
        async () => (await visit(machine, SOURCE)).status === 200,
      );
      const { status } = await visit(machine, 'nobody.example.test');
      if (status !== 0) throw new Error(`after ${names.join(' ')} a name that no site has is answered with ${status}`);
      await doctorIsContent(machine);
    }
    await nothingIsLeft(machine, before);
    return packages;
  },
};

/** The packages that a unit comes with. */
function packagesOf(service: string): string[] {
  if (service === 'nginx') return ['nginx', 'nginx-common'];
  return service === 'mariadb' ? ['mariadb-server', 'mariadb-common'] : [service, service.replace('fpm', 'common')];
}
