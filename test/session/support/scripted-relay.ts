import type { RelayRequests } from '../../../src/relay-protocol/relay-client.js';
import type {
  ChannelRequest,
  ChannelState,
  JoinReply,
  JoinRequest,
  ParticipantId,
  RecipientState,
  SenderState,
} from '../../../src/relay-protocol/wire.js';

/** As a relay would name a participant. */
export const named = (name: string): ParticipantId => name as ParticipantId;

export const recipientState = (state: Partial<RecipientState> = {}): RecipientState => ({
  ...{ role: 'recipient', revision: 0, phase: 'waiting', stapled: false },
  ...state,
});

export const senderState = (state: Partial<SenderState> = {}): SenderState => ({
  ...{ role: 'sender', revision: 0, attempts: [], stapled: false },
  ...state,
});

/** What it says next: a reply, or what it refuses with; a function hears the request. */
type Said<Request, Reply> = Reply | Error | ((request: Request) => Reply | Promise<Reply>);

export interface Script {
  readonly joins?: Said<JoinRequest, Partial<JoinReply>>[];
  readonly states?: Said<ChannelRequest, ChannelState>[];
}

export interface ScriptedRelay extends RelayRequests {
  readonly joined: JoinRequest[];
  readonly asked: ChannelRequest[];
  readonly signals: (AbortSignal | undefined)[];
}

/** A relay that says one thing after the other, and the last for ever. */
export function scriptedRelay({ joins = [], states = [] }: Script): ScriptedRelay {
  const joined: JoinRequest[] = [];
  const asked: ChannelRequest[] = [];
  const signals: (AbortSignal | undefined)[] = [];
  return {
    ...{ joined, asked, signals },
    async join(request, options) {
      signals.push(options?.signal);
      joined.push(request);
      const reply = await say(joins[Math.min(joined.length, joins.length) - 1], request);
      const whole = { channel: 'front-door', uuid: named('me'), curve: 'p256' } as const;
      const state = request.role === 'sender' ? senderState() : recipientState();
      return { ...whole, state, ...reply };
    },
    async channel(request, options) {
      signals.push(options?.signal);
      asked.push(request);
      return await say(states[Math.min(asked.length, states.length) - 1], request);
    },
  };
}

async function say<Request, Reply>(
  said: Said<Request, Reply> | undefined,
  request: Request,
): Promise<Reply> {
  if (said instanceof Error) throw said;
  if (said === undefined) throw new Error('nothing of this kind is in the script');
  // A function is no reply of any request.
  if (typeof said === 'function')
    return await (said as (request: Request) => Reply | Promise<Reply>)(request);
  return said;
}
