import { type Attack, onEachCircuit, pause } from '../attack.js';
import { dial, requestText } from '../requests.js';

const PER_CIRCUIT = 24;
const BYTES_AT_ONCE = 1024;
const EVERY_MS = 5000;

/** Downloads that are begun and hardly read, so that each connection is busy for as long as it wants. */
export const slowReaders: Attack = {
  name: 'slow-readers',
  about: `knows the whole password: ${PER_CIRCUIT} downloads on each circuit, read a little at a time`,
  targets: ['send', 'share'],
  run: (field) =>
    onEachCircuit(field, async (circuit) => {
      const downloads = Array.from({ length: PER_CIRCUIT }, async () => {
        const request = requestText(field, {
          path: '/files/content',
          password: field.target.password,
        });
        const socket = await dial(field, circuit, request);
        field.count('begun');
        // Never flowing: what is not read here stays in the sender's hands, all along the circuit.
        while (!field.signal.aborted && !socket.destroyed) {
          socket.read(BYTES_AT_ONCE);
          await pause(EVERY_MS, field.signal);
        }
        field.count('closed');
      });
      await Promise.all(downloads);
    }),
};
