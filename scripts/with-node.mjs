// Runs a script under the pinned Node, whatever Node called this.
import { ensurePackages, runPinned } from './packages.mjs';

ensurePackages();
process.exit(runPinned(process.argv.slice(2)));
