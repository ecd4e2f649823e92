import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';

export interface Switched {
  readonly access: RelayClient;
  /** From now on all goes to another relay, as when one was restarted. */
  readonly to: (other: RelayClient) => void;
}

/** A way to one relay, and later to another. */
export function switched(first: RelayClient): Switched {
  let now = first;
  const access: RelayClient = {
    join: (...args) => now.join(...args),
    channel: (...args) => now.channel(...args),
    dialStream: (...args) => now.dialStream(...args),
    openStream: (...args) => now.openStream(...args),
    close: () => now.close(),
    [Symbol.asyncDispose]: () => now.close(),
  };
  return {
    access,
    to: (other) => {
      now = other;
    },
  };
}
