import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { silentLogger } from '../../../src/base/logger.js';
import { OnionHttpServer } from '../../../src/onion-http/onion-http-server.js';
import { DEFAULT_RELAY_LIMITS } from '../../../src/relay/limits.js';
import { Backend } from '../../../src/relay/server/backend.js';
import { createRelayHttp } from '../../../src/relay/server/http.js';
import { Registry } from '../../../src/relay/server/registry.js';
import type { ChannelState } from '../../../src/relay-protocol/wire.js';
import { AUTHORIZATION, CREDENTIALS, nonce, scratchDirectory } from '../support/running-relay.js';

test('a poll over HTTP ends in the relay as soon as its client goes away', async () => {
  const limits = DEFAULT_RELAY_LIMITS;
  let polling: Promise<ChannelState> | undefined;
  let asked: () => void = () => undefined;
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  class Watched extends Registry {
    override request(...parameters: Parameters<Registry['request']>): Promise<ChannelState> {
      polling = super.request(...parameters);
      asked();
      return polling;
    }
  }
  const registry = new Watched({ limits });
  const { http: server } = new OnionHttpServer({
    ...{ credentials: CREDENTIALS, directory: '', limits, circuitLine: false },
    answer: (access) =>
      createRelayHttp({
        ...{ registry, backend: new Backend(registry) },
        access,
        remoteSenders: true,
        limits,
        logger: silentLogger,
      }),
  });
  const path = join(await scratchDirectory(), 'http');
  server.listen(path);
  await once(server, 'listening');
  onTestFinished(() => {
    registry.close();
    server.close();
    server.closeAllConnections();
  });
  const { channel, uuid } = registry.join({ role: 'sender', nonce: nonce() });
  const client = request({
    socketPath: path,
    path: '/channel',
    method: 'POST',
    headers: { authorization: AUTHORIZATION, 'content-type': 'application/json' },
  });
  client.on('error', () => undefined);
  client.end(JSON.stringify({ channel, uuid, wait: 50_000 }));
  await isAsked;
  client.destroy();
  await expect(polling).rejects.toMatchObject({ name: 'AbortError' });
});
