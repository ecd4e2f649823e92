import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import type {
  ChannelRequest,
  ChannelState,
  JoinReply,
  JoinRequest,
} from '../../../src/relay-protocol/wire.js';

type Call = { signal?: AbortSignal } | undefined;

export interface Alterations {
  readonly join?: (request: JoinRequest, options: Call) => Promise<JoinReply>;
  readonly channel?: (request: ChannelRequest, options: Call) => Promise<ChannelState>;
}

/** A relay of which some requests go another way. */
export function altered(real: RelayClient, alterations: Alterations): RelayClient {
  return {
    join: (request, options) => (alterations.join ?? real.join.bind(real))(request, options),
    channel: (request, options) =>
      (alterations.channel ?? real.channel.bind(real))(request, options),
    dialStream: (options) => real.dialStream(options),
    openStream: (place, options) => real.openStream(place, options),
    close: () => real.close(),
    [Symbol.asyncDispose]: () => real.close(),
  };
}
