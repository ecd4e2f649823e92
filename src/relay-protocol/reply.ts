import * as v from 'valibot';
import { OnionferryError } from '../base/errors.js';
import { errorOf, jsonOf, type WireCode, wireErrorSchema } from './refusal.js';
import type { ChannelState, Role } from './wire.js';

/** What came back of a request, by whatever client. */
export interface Reply {
  readonly status: number;
  readonly body: string;
}

/** @throws OnionferryError the relay's refusal; ERR_PROTOCOL if what answers is no relay */
export function understand<Value>(schema: v.GenericSchema<unknown, Value>, reply: Reply): Value {
  const code = refusalOf(reply);
  if (code !== undefined) throw errorOf(code);
  const result = v.safeParse(schema, jsonOf(reply.body));
  if (reply.status === 200 && result.success) return result.output;
  throw new OnionferryError(
    'ERR_PROTOCOL',
    'what answers there is not an onionferry relay; check the address, and the version there',
  );
}

/** Why the relay refused, if it did. */
export function refusalOf({ status, body }: Reply): WireCode | undefined {
  if (status === 401) return 'unauthorized';
  const result = v.safeParse(wireErrorSchema, jsonOf(body));
  return status !== 200 && result.success ? result.output.error.code : undefined;
}

/** What a participant sees of a channel that it has left. */
export function finalState(role: Role): ChannelState {
  return role === 'sender'
    ? { role, revision: 0, attempts: [], stapled: false }
    : { role, revision: 0, phase: 'ended', stapled: false };
}
