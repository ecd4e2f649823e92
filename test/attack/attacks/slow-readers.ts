import { type Attack, onEachCircuit, pause } from '../attack.js';
import { dial, requestText } from '../requests.js';

const PER_CIRCUIT = 24;

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
        while (!field.signal.aborted && !socket.destroyed) {
          socket.pause();
          await pause(5000, field.signal);
          socket.read(1024);
          socket.resume();
          await pause(10, field.signal);
        }
        field.count('closed');
      });
      await Promise.all(downloads);
    }),
};
