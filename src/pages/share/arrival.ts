/** Of what was sent last, so much may be on its way: in the socket, in tor and on the circuit. */
const ON_ITS_WAY_BYTES = 512 * 1024;
/** Cells that tor sends at first before it waits for an acknowledgement, of 498 bytes (tor-spec). */
const FIRST_BYTES = 124 * 498;
/** Round trips that a reply is given beyond those that it needs. */
const SPARE_TRIPS = 4;
/** A slower circuit is rare, in bytes for each millisecond: 20 kB/s. */
const SLOW = 20;
const LEAST_MS = 3_000;

export interface Sent {
  readonly bytes: number;
  /** How long it took until tor had taken all of them. */
  readonly tookMs: number;
  /** No less than a round trip on this circuit; undefined if its client has shown none. */
  readonly roundTripMs: number | undefined;
}

/**
 * How long what tor has taken needs at most to arrive, in milliseconds, over a circuit that lives.
 * A generous estimate, by what is known of the way:
 *
 * - The first bytes travel at the pace of tor's acknowledgements, twice as many in each round trip.
 * - Most of a long reply has arrived already, or tor would not have taken the rest. How long that
 *   took tells the rate.
 *
 * @returns undefined if nothing is known
 */
export function arrivalMs({ bytes, tookMs, roundTripMs }: Sent): number | undefined {
  const onItsWay = Math.min(bytes, ON_ITS_WAY_BYTES);
  const arrived = bytes - onItsWay;
  if (arrived > ON_ITS_WAY_BYTES) return Math.max(LEAST_MS, 2 * onItsWay * (tookMs / arrived));
  if (roundTripMs === undefined) return undefined;
  const trips = SPARE_TRIPS + Math.log2(1 + onItsWay / FIRST_BYTES);
  return Math.max(LEAST_MS, trips * roundTripMs + onItsWay / SLOW);
}
