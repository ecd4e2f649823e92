import {
  CircuitCount,
  MUCH_BYTES,
  SLOW_DIAL_MS,
} from '../../../../../src/session/circuits/circuit-count.js';
import { CIRCUITS_DRAWN } from '../../../../../src/session/circuits/drawing.js';
import { CIRCUITS_START } from '../../../../../src/session/circuits/trials.js';
import type { Strategy } from '../strategy.js';

/** What the program does. */
export const built: Strategy = {
  name: 'built',
  ahead: ({ bytes, dialMs }) =>
    bytes >= MUCH_BYTES && dialMs >= SLOW_DIAL_MS ? CIRCUITS_DRAWN : CIRCUITS_START,
  start: ({ dialMs }) => {
    const count = new CircuitCount(undefined, dialMs);
    return (sample) => count.decide(sample);
  },
};
