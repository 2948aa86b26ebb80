import { everyDriver } from './suites/every.ts';
import { realServers } from './suites/servers.ts';

for (const server of realServers) everyDriver(server);
