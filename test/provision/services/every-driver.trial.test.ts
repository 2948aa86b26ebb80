import { everyDriver } from './suites/every.ts';
import { trialServers } from './suites/servers.ts';

for (const server of trialServers) everyDriver(server);
