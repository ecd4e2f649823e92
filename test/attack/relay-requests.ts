import { HttpRelayClient } from '../../src/relay/client/http-relay-client.js';
import type { RelayClient } from '../../src/relay-protocol/relay-client.js';
import { RELAY_USER } from '../../src/relay-protocol/wire.js';
import { OnionAgent } from '../../src/tor/dial/onion-agent.js';
import type { Field } from './attack.js';

/** The relay as a program asks it, on a circuit of its own; closed at the end of the attack. */
export function relayOver({ target, socks, signal }: Field, isolation: string): RelayClient {
  const agent = new OnionAgent({ socks, isolation });
  const client = new HttpRelayClient({
    host: target.onion,
    agent,
    dial: () => Promise.reject(new Error('an attacker opens no streams')),
    credentials: { user: RELAY_USER, password: target.access },
    retryDelaysMs: [],
  });
  const end = (): void => {
    void client.close();
    agent.destroy();
  };
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  return client;
}
