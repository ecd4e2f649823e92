import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import { farAccess, runningRelay } from '../../relay/support/running-relay.js';
import { type Proxy, type Swallowing, swallowingProxy } from './swallowing-proxy.js';

/** Of sides that wait no longer than they must for a reply that is lost. */
export const PATIENCE = { establishMs: 1500, waitMs: 400 } as const;

const QUICK = { replyDeadlineMs: 500, retryDelaysMs: [10, 20, 40, 80] };

export interface LossyRelay {
  readonly proxy: Proxy;
  /** The way to it that loses a reply. */
  readonly far: () => RelayClient;
  /** The way of a sender that hosts it. */
  readonly local: RelayClient;
}

/** A relay behind a proxy that loses one of its replies. */
export async function lossyRelay(swallowing: Swallowing): Promise<LossyRelay> {
  const relay = await runningRelay();
  const proxy = await swallowingProxy(relay, swallowing);
  return { proxy, far: () => farAccess(proxy, QUICK), local: relay.local };
}
