import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import { farAccess, runningRelay } from '../../relay/support/running-relay.js';
import { type Proxy, type Swallowing, swallowingProxy } from './swallowing-proxy.js';

/**
 * A reply that is lost in silence is missed after this: as it is when it is late because the machine
 * is busy, so that it is asked for as often as it takes. One that is closed upon is missed at once.
 */
const SILENCE = { replyDeadlineMs: 1_000, establishMs: 1_500 };

export interface LossyRelay {
  readonly proxy: Proxy;
  /** The way to it that loses a reply. */
  readonly far: () => RelayClient;
  /** The way of a sender that hosts it. */
  readonly local: RelayClient;
  /** Of sides that wait no longer than they must for a reply that is lost. */
  readonly patience: { readonly waitMs: number; readonly establishMs?: number };
}

/** A relay behind a proxy that loses one of its replies. */
export async function lossyRelay(swallowing: Swallowing): Promise<LossyRelay> {
  const relay = await runningRelay();
  const proxy = await swallowingProxy(relay, swallowing);
  const { replyDeadlineMs, establishMs } = SILENCE;
  const isSilent = swallowing.how === 'silence';
  const retryDelaysMs = Array.from({ length: 100 }, () => 20);
  return {
    proxy,
    far: () => farAccess(proxy, { retryDelaysMs, ...(isSilent && { replyDeadlineMs }) }),
    local: relay.local,
    patience: { waitMs: 400, ...(isSilent && { establishMs }) },
  };
}
