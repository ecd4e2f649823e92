import { randomBytes } from 'node:crypto';
import { type Attack, onEachCircuit, pause } from '../attack.js';
import { relayOver } from '../relay-requests.js';

const PER_CIRCUIT = 32;
const ASK_EVERY_MS = 20_000;

/** Opens as many channels as a circuit may, and keeps them. */
export const hoardedChannels: Attack = {
  name: 'hoarded-channels',
  about: `knows the relay's password: ${PER_CIRCUIT} channels on each circuit, kept by a request now and then`,
  targets: ['relay'],
  run: (field) =>
    onEachCircuit(field, async (circuit) => {
      const { signal, count } = field;
      const relay = relayOver(field, circuit);
      const opened = [];
      for (let n = 0; n < PER_CIRCUIT; n++) {
        const nonce = randomBytes(16).toString('base64url');
        opened.push(await relay.join({ role: 'sender', nonce }, { signal }));
        count('opened');
      }
      while (!signal.aborted) {
        await pause(ASK_EVERY_MS, signal);
        for (const { channel, uuid } of opened) await relay.channel({ channel, uuid }, { signal });
      }
    }),
};
