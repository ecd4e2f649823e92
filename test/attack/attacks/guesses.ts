import { type Attack, onEachCircuit } from '../attack.js';
import { dial, requestText, statusOn } from '../requests.js';

/** Below the number at which a circuit is shut, then the next circuit. */
const PER_CIRCUIT = 9;

/** Guesses at the password of a share, with fresh circuits for as many as each is allowed. */
export const guesses: Attack = {
  name: 'guesses',
  about: `knows the address: ${PER_CIRCUIT} guesses on each circuit, then a new one`,
  targets: ['share'],
  run: async (field) => {
    let fresh = 0;
    await onEachCircuit(field, async () => {
      const circuit = `guess-${fresh++}`;
      for (let guess = 0; guess < PER_CIRCUIT && !field.signal.aborted; guess++) {
        const password = `abacus-abdomen-abide-ablaze-${Math.random()}`;
        const socket = await dial(field, circuit, requestText(field, { password }));
        field.count(await statusOn(socket));
        socket.destroy();
      }
    });
  },
};
