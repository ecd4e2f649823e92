import { collectWhenFull } from './garbage-collector.js';
import { run } from './run.js';
import { takeSecrets } from './secrets/environment.js';

/** Everything is closed by now; if something still keeps the process alive, it ends after this. */
const LAST_RESORT_MS = 5000;

collectWhenFull();
const secrets = takeSecrets(process.env);
process.exitCode = await run(process.argv.slice(2), secrets);
setTimeout(() => process.exit(), LAST_RESORT_MS).unref();
