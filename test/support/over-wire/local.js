export { childHost as localHost } from '../../../src/provision/host/makers/child.ts';
