import type { ChannelRequest, ChannelState, JoinReply, JoinRequest } from './wire.js';

/**
 * What a participant asks of a relay, the same for programs and pages.
 *
 * Every refusal is an OnionferryError:
 * ERR_PASSWORD (the door), ERR_CHANNEL_MISSING, ERR_CHANNEL_TAKEN, ERR_CHANNEL_FULL,
 * ERR_CHANNEL_CLOSED (it ended while this request was waiting), ERR_ATTEMPT_ENDED (this
 * participant's attempt is over, or the one that the sender named; the reason is never told),
 * ERR_CURVE, ERR_RELAY_BUSY, ERR_PROTOCOL. Over HTTP also ERR_RELAY when no reply could be had.
 */
export interface RelayRequests {
  join(request: JoinRequest, options?: { signal?: AbortSignal }): Promise<JoinReply>;
  channel(request: ChannelRequest, options?: { signal?: AbortSignal }): Promise<ChannelState>;
}
