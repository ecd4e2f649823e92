import { openInbox } from '../../../src/pages/inbox/open-inbox.js';
import { startWeb } from '../../../src/pages/server/create-pages.js';

// A process of its own: an inbox in the directory named, until it is killed.
const [, , directory = '', socketDirectory = '', user = '', password = ''] = process.argv;
const { routes } = await openInbox({ directory });
const web = await startWeb({
  ...{ credentials: { user, password }, directory: socketDirectory, routes, circuitLine: false },
});
process.stdout.write(`${web.httpSocket}\n`);
