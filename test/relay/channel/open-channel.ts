import { Channel } from '../../../src/relay/channel/channel.js';
import type { ChannelLimits, NewChannel } from '../../../src/relay/channel/new-channel.js';
import type { Pair } from '../../../src/relay/channel/pair.js';
import type { ParticipantId, SenderState } from '../../../src/relay-protocol/wire.js';
import { confirmation } from '../support/running-relay.js';
import { idOf, LIMITS, type Write } from './channel-world.js';

export const sender: ParticipantId = idOf('sender');

/** A channel whose pairs are called pair-1, pair-2, … */
export function openChannel(
  pairs: Pair[] = [],
  isHere?: (id: ParticipantId) => boolean,
  { limits, ...others }: OtherChannel = {},
): Channel {
  return new Channel(
    {
      ...{ name: 'a-b', curve: 'p384', sender, nonce: 'n' },
      newId: () => idOf(`pair-${pairs.length + 1}`),
      onPair: (pair) => pairs.push(pair),
      isHere,
      limits: { ...LIMITS, ...limits },
      ...others,
    },
    0,
  );
}

interface OtherChannel extends Pick<NewChannel, 'onWrongAnswer'> {
  readonly limits?: Partial<ChannelLimits>;
}

/** Posts as a participant. */
export function say(channel: Channel, uuid: ParticipantId, write: Write, now = 0): unknown {
  return channel.request({ channel: 'a-b', uuid, ...write }, now);
}

export function join(channel: Channel, name: string, now = 0, circuit?: number): ParticipantId {
  return channel.join(idOf(name), `nonce of ${name}`, undefined, now, circuit);
}

export function attempts(channel: Channel): string[] {
  const state = channel.state(sender) as SenderState;
  return state.attempts.map(({ attempt, phase }) => `${attempt} ${phase}`);
}

export function confirm(
  channel: Channel,
  attempt: number,
  recipient: ParticipantId,
  now = 0,
): void {
  const { h_k, hh_k } = confirmation();
  say(channel, recipient, { y: 'y', hh_k }, now);
  say(channel, sender, { attempt, h_k }, now);
}
