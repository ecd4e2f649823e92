import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { sharedTree } from '../../../src/disk/tree/shared-tree.js';
import { startWeb } from '../../../src/pages/server/create-pages.js';
import { createShareRoutes } from '../../../src/pages/share/share-routes.js';
import { CREDENTIALS } from '../pages/fetch.js';
import { side } from '../processes/side.js';
import { PAGE_SERVER } from './programs.js';

/** Shares what is at the path, or streams that file to any client, until it is told to end. */
await side(PAGE_SERVER, async (options, { ready, signal }) => {
  const { path, directory, isBare, circuitLine = false } = options;
  if (isBare) {
    await using bare = await bareServer(path, join(directory, 'bare'));
    ready(bare.socket);
    await once(signal, 'abort');
  } else {
    const routes = createShareRoutes({ tree: sharedTree([path]) });
    await using web = await startWeb({ credentials: CREDENTIALS, directory, routes, circuitLine });
    ready(web.httpSocket);
    await once(signal, 'abort');
  }
});

async function bareServer(
  path: string,
  socket: string,
): Promise<AsyncDisposable & { readonly socket: string }> {
  const { size } = await stat(path);
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': size });
    pipeline(createReadStream(path), response).catch(() => undefined);
  });
  await once(server.listen(socket), 'listening');
  return {
    socket,
    async [Symbol.asyncDispose](): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
