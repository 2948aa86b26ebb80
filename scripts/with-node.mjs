// Runs a script with the pinned Node, whichever Node runs this file.
import { ensurePackages, runPinned } from './packages.mjs';

ensurePackages();
process.exit(runPinned(process.argv.slice(2)));
