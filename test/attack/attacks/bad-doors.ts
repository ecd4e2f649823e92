import { type Attack, onEachCircuit } from '../attack.js';
import { dial, requestText, statusOn } from '../requests.js';

/** Requests at once on each circuit */
const AT_ONCE = 4;

/** Wrong passwords as fast as they are refused. */
export const badDoors: Attack = {
  name: 'bad-doors',
  about: 'knows the address: wrong passwords, four at a time on each circuit',
  targets: ['send', 'relay', 'share'],
  run: (field) =>
    onEachCircuit(field, async (circuit) => {
      const attempts = Array.from({ length: AT_ONCE }, async () => {
        const password = `wrong-${Math.random()}`;
        const socket = await dial(field, circuit, requestText(field, { password }));
        field.count(await statusOn(socket));
        socket.destroy();
      });
      await Promise.all(attempts);
    }),
};
