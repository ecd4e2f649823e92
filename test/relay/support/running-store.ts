import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { RedisServer } from '../../support/redis-server.js';
import { scratchDirectory } from './running-relay.js';

/** A store that is ended after the test. */
export async function runningStore(options: readonly string[] = []): Promise<RedisServer> {
  const store = new RedisServer(join(await scratchDirectory(), 'store'), options);
  await store.start();
  onTestFinished(() => store.kill());
  return store;
}
