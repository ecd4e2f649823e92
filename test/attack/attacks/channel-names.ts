import { randomBytes } from 'node:crypto';
import { WORDS } from '../../../src/pake/word-list.js';
import { type Attack, onEachCircuit } from '../attack.js';
import { relayOver } from '../relay-requests.js';

/** Below the number at which a circuit is shut, then the next circuit. */
const PER_CIRCUIT = 9;

/** Tries names of channels, with fresh circuits for as many as each is allowed. */
export const channelNames: Attack = {
  name: 'channel-names',
  about: `knows the relay's password: tries ${PER_CIRCUIT} names of channels on each circuit, then a new one`,
  targets: ['relay'],
  run: async (field) => {
    const { signal, count } = field;
    let fresh = 0;
    await onEachCircuit(field, async () => {
      const relay = relayOver(field, `names-${fresh++}`);
      for (let n = 0; n < PER_CIRCUIT && !signal.aborted; n++) {
        const channel = `${anyWord()}-${anyWord()}`;
        const nonce = randomBytes(16).toString('base64url');
        await relay.join({ role: 'recipient', channel, nonce }, { signal }).then(
          () => count('found'),
          (error: unknown) =>
            count(error instanceof Error && 'code' in error ? String(error.code) : 'failed'),
        );
      }
      await relay.close();
    });
  },
};

function anyWord(): string {
  return WORDS[randomBytes(2).readUInt16BE() % WORDS.length] ?? '';
}
