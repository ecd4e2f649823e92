import type * as v from 'valibot';
import { formatAuthorization, parseAuthorization } from '../../../src/base/authorization.js';
import { parseJson, Refusal } from '../../../src/relay-protocol/refusal.js';
import { understand } from '../../../src/relay-protocol/reply.js';
import {
  channelRequestSchema,
  joinReplySchema,
  joinRequestSchema,
  streamHelloSchema,
  webSocketHelloSchema,
} from '../../../src/relay-protocol/wire.js';
import { damagedText } from '../damaged.js';
import { expectSame, expectThat, outcomeOf } from '../outcome.js';
import { type Target, textTarget } from '../target.js';

const uuid = '01234567-89ab-cdef-0123-456789abcdef';
const nonce = 'A'.repeat(22);
const hash = 'A'.repeat(43);

const JOINS = [
  { role: 'sender', nonce, curve: 'p256' },
  { role: 'recipient', nonce, channel: 'one-two' },
];
const REQUESTS = [
  { channel: 'one-two', uuid, since: 3, wait: 1000 },
  { channel: 'one-two', uuid, attempt: 1, x: 'AAAA' },
  { channel: 'one-two', uuid, y: 'AAAA', hh_k: hash },
  { channel: 'one-two', uuid, attempt: 1, h_k: hash, busy: true },
];
const STATES = [
  {
    role: 'sender',
    revision: 1,
    attempts: [{ attempt: 1, phase: 'answered', y: 'AAAA', hh_k: hash }],
    stapled: false,
  },
  { role: 'recipient', revision: 0, phase: 'joined', attempt: 1, x: 'AAAA', stapled: false },
];
const REPLIES = STATES.map((state) => ({ channel: 'one-two', uuid, curve: 'p256', state }));
const HELLOS = [{ channel: 'one-two', uuid, stream: 4095, authorization: 'Basic eDp5' }];

/** What relays and their clients tell each other. */
export const RELAY_TARGETS: readonly Target[] = [
  requests('joins', joinRequestSchema, JOINS),
  requests('channel requests', channelRequestSchema, REQUESTS),
  requests('stream hellos', streamHelloSchema, HELLOS),
  requests('WebSocket hellos', webSocketHelloSchema, [{ channel: 'one', uuid, stream: 0 }]),
  textTarget({
    name: 'replies of a relay',
    inputs: damagedText(
      ...REPLIES.map((reply) => JSON.stringify(reply)),
      '{"error":{"code":"relay-full"}}',
    ),
    async judge(body) {
      for (const status of [400, 503]) {
        const outcome = await outcomeOf(() => understand(joinReplySchema, { status, body }));
        expectThat('refused' in outcome, 'no other status is a success');
      }
      return !(
        'refused' in (await outcomeOf(() => understand(joinReplySchema, { status: 200, body })))
      );
    },
  }),
  textTarget({
    name: 'Basic auth',
    inputs: damagedText(
      formatAuthorization({ user: 'ferry', password: 'käse:1' }),
      'Basic eDp5',
      'basic eA==',
    ),
    judge(header) {
      const credentials = parseAuthorization(header);
      if (credentials === undefined) return false;
      expectSame(
        parseAuthorization(formatAuthorization(credentials)),
        credentials,
        'them read again',
      );
      expectThat(!credentials.user.includes(':'), 'no colon in a user name');
      return true;
    },
  }),
];

/** What clients ask a relay. */
function requests<Value>(
  name: string,
  schema: v.GenericSchema<unknown, Value>,
  samples: readonly object[],
): Target {
  return textTarget({
    name,
    inputs: damagedText(...samples.map((sample) => JSON.stringify(sample))),
    judge(text) {
      let read: Value;
      try {
        read = parseJson(schema, text);
      } catch (error) {
        expectThat(error instanceof Refusal && error.wireCode === 'bad-request', 'a bad request');
        return false;
      }
      expectSame(parseJson(schema, JSON.stringify(read)), read, 'the same, read again');
      return true;
    },
  });
}
