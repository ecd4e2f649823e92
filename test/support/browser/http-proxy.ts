import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';
import { OnionAgent } from '../../../src/tor/dial/onion-agent.js';

export interface HttpProxy extends AsyncDisposable {
  readonly url: string;
}

/** Takes requests to onions from programs such as wget, which know no SOCKS. */
export async function startHttpProxy(socksPort: number): Promise<HttpProxy> {
  const socks = { kind: 'tcp', host: '127.0.0.1', port: socksPort } as const;
  const agent = new OnionAgent({ socks, isolation: 'http-proxy' });
  const server = createServer((incoming, outgoing) => {
    const { method, headers, url = '' } = incoming;
    const onward = request(url, { agent, ...(method !== undefined && { method }), headers });
    onward.once('error', () => outgoing.destroy());
    onward.once('response', (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      pipeline(response, outgoing, () => undefined);
    });
    outgoing.once('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // It listens at a port, not at a path.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    async [Symbol.asyncDispose](): Promise<void> {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
