import { deadline } from '../../base/deadline.js';
import type { RelayRequests } from '../../relay-protocol/relay-client.js';
import type { ChannelRequest } from '../../relay-protocol/wire.js';

/** A participant that leaves tells the relay so, but waits no longer than this for the reply. */
const LEAVE_MS = 2_000;

/** Says that a participant leaves its channel or attempt. Never throws: both may be over already. */
export async function leave(
  relay: RelayRequests,
  request: ChannelRequest & { readonly close: true },
): Promise<void> {
  using limit = deadline(LEAVE_MS, 'the relay did not answer in time');
  // A closed channel, or a relay that is away, need not be told: it forgets both by itself.
  await relay.channel(request, { signal: limit.signal }).catch(() => undefined);
}
