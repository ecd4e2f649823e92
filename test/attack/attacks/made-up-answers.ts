import { randomBytes } from 'node:crypto';
import { DEFAULT_CURVE } from '../../../src/pake/curves/curve-name.js';
import { startExchange } from '../../../src/pake/exchange.js';
import { stretchPassword } from '../../../src/pake/stretch.js';
import { type Attack, type Field, onEachCircuit } from '../attack.js';
import { relayOver } from '../relay-requests.js';
import { dial, requestText, statusOn } from '../requests.js';

/** Joins the channel and answers, and guesses on the pages, on every circuit all the time. */
export const madeUpAnswers: Attack = {
  name: 'made-up-answers',
  about: 'knows the access words: joins and answers with made-up words, on pages as well',
  targets: ['send', 'share'],
  run: async (field) => {
    const y = await anyShare(field);
    await onEachCircuit(field, async (circuit) => {
      await Promise.all([answer(field, circuit, y), guessOnPage(field, circuit)]);
    });
  },
};

async function answer(field: Field, circuit: string, y: string): Promise<void> {
  const { target, signal, count } = field;
  const relay = relayOver(field, circuit);
  try {
    const channel = target.access;
    const nonce = randomBytes(16).toString('base64url');
    const joined = await relay.join({ role: 'recipient', channel, nonce }, { signal });
    const hh_k = randomBytes(32).toString('base64url');
    const own = { channel, uuid: joined.uuid };
    if (joined.state.role === 'recipient' && joined.state.x === undefined) {
      await relay.channel({ ...own, wait: 20_000 }, { signal });
    }
    await relay.channel({ ...own, y, hh_k, since: 1_000, wait: 20_000 }, { signal });
  } catch (error) {
    signal.throwIfAborted();
    count(error instanceof Error && 'code' in error ? String(error.code) : 'failed');
  } finally {
    await relay.close();
  }
}

async function guessOnPage(field: Field, circuit: string): Promise<void> {
  const { target, count } = field;
  const password = `${target.access}-abacus-abdomen-abide-${randomBytes(4).toString('hex')}`;
  const socket = await dial(field, `${circuit}-page`, requestText(field, { password }));
  count(await statusOn(socket));
  socket.destroy();
}

/** A point of the curve, so that it costs the sender as much as an honest one. */
async function anyShare({ target: { onion, access: channel } }: Field): Promise<string> {
  const context = { onion, channel, curve: DEFAULT_CURVE };
  const secret = await stretchPassword('made-up-words', context);
  return Buffer.from(startExchange(secret, context).x).toString('base64url');
}
