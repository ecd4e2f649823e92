import { randomBytes, toBase64Url } from '../../base/bytes.js';

/** The circuit that also carries the requests. */
const REQUESTS_ISOLATION = '0';

/** Says which Tor circuit carries the stream of a number: connections of one name share one. */
export type CircuitNames = (stream: number) => string;

/**
 * Stream 0 goes where the requests go, so that a first meeting waits for one circuit only. Every
 * other stream has a circuit of its own, and every meeting new ones: those before may be stuck.
 */
export function newCircuitNames(): CircuitNames {
  const meeting = toBase64Url(randomBytes(6));
  return (stream) => (stream === 0 ? REQUESTS_ISOLATION : `${meeting}-${stream}`);
}
