import * as v from 'valibot';
import { type OnionAddress, parseOnionAddress } from '../onion/address.js';
import { jsonOf } from './refusal.js';

/** RFC 9110, 15.5.20: Misdirected Request. */
export const ELSEWHERE_STATUS = 421;

/**
 * The channel is at another backend of the same relay, and everything about it is asked there; on
 * the wire `{"error":{"code":"elsewhere","onion":…}}`. No refusal: nothing is decided yet.
 */
export class Elsewhere extends Error {
  override readonly name: string = 'Elsewhere';
  readonly onion: OnionAddress;

  constructor(onion: OnionAddress) {
    super('elsewhere');
    this.onion = onion;
  }
}

export interface WireElsewhere {
  readonly error: { readonly code: 'elsewhere'; readonly onion: OnionAddress };
}

export const onionAddressSchema: v.GenericSchema<unknown, OnionAddress> = v.pipe(
  v.string(),
  // A relay may not name what is only nearly an address: 56 characters and .onion, nothing else.
  v.regex(/^[a-z2-7]{56}\.onion$/),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      return parseOnionAddress(dataset.value);
    } catch {
      addIssue({ message: 'no onion address' });
      return NEVER;
    }
  }),
);

const elsewhereSchema: v.GenericSchema<unknown, WireElsewhere> = v.strictObject({
  error: v.strictObject({ code: v.literal('elsewhere'), onion: onionAddressSchema }),
});

export function wireElsewhereOf({ onion }: Elsewhere): WireElsewhere {
  return { error: { code: 'elsewhere', onion } };
}

/** Text that is an address in its one form, from wherever. */
export function onionIn(value: unknown): OnionAddress | undefined {
  const result = v.safeParse(onionAddressSchema, value);
  return result.success ? result.output : undefined;
}

/** Where a reply or the answer on a stream sends its client, if it does. */
export function elsewhereIn(text: string): OnionAddress | undefined {
  const result = v.safeParse(elsewhereSchema, jsonOf(text));
  return result.success ? result.output.error.onion : undefined;
}
