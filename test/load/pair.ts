import { randomBytes } from 'node:crypto';
import { createIdentity } from '../../src/onion/identity.js';
import type { RelayClient } from '../../src/relay-protocol/relay-client.js';
import { recipientReconnect } from '../../src/session/reconnecting/recipient-reconnect.js';
import { senderReconnect } from '../../src/session/reconnecting/sender-reconnect.js';
import { nodePrimitives } from '../../src/transfer/node-primitives.js';

/** Bound into what two agree on; nobody is reached there. */
const ONION = createIdentity().address;
/** With all the patience that two programs have. */
const PATIENCE_MS = 180_000;

/** As two programs meet again whose streams have ended. */
export async function meetAgain(one: RelayClient, other: RelayClient): Promise<void> {
  const common = {
    primitives: nodePrimitives,
    onion: ONION,
    curve: 'p256',
    resumption: new Uint8Array(randomBytes(32)),
    generation: 0,
    establishMs: 20_000,
  } as const;
  const sender = senderReconnect({ relay: one, ...common });
  const recipient = recipientReconnect({ relay: other, ...common, ahead: 1 });
  const signal = AbortSignal.timeout(PATIENCE_MS);
  // As in a transfer, the sender waits for the next meeting as soon as it has one.
  const waiting = (async (): Promise<never> => {
    for (;;) await sender.meet({ signal });
  })();
  try {
    await Promise.race([recipient.meet({ signal }), waiting]);
  } finally {
    await Promise.all([sender.close(), recipient.close()]);
    await waiting.catch(() => undefined);
    await Promise.all([one.close(), other.close()]);
  }
}
