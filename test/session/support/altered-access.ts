import type { RelayClient, RequestOptions } from '../../../src/relay-protocol/relay-client.js';
import type {
  ChannelRequest,
  ChannelState,
  JoinReply,
  JoinRequest,
} from '../../../src/relay-protocol/wire.js';

type Call = RequestOptions | undefined;

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

export interface Retelling {
  readonly request?: (request: object) => void;
  readonly state?: (state: ChannelState) => ChannelState;
  readonly curve?: JoinReply['curve'];
}

/** A relay that tells of what it is asked, and whose word is changed on the way. */
export function retold(
  real: RelayClient,
  { request, state = (s) => s, curve }: Retelling,
): RelayClient {
  return altered(real, {
    join: async (asked, options) => {
      request?.(asked);
      const reply = await real.join(asked, options);
      return { ...reply, state: state(reply.state), curve: curve ?? reply.curve };
    },
    channel: async (asked, options) => {
      request?.(asked);
      return state(await real.channel(asked, options));
    },
  });
}
