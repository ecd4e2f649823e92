import type { Socket } from 'node:net';
import { type Attack, type Field, onEachCircuit, pause } from '../attack.js';
import { dial, requestText, statusOn } from '../requests.js';

const PER_CIRCUIT = 48;
const ASK_EVERY_MS = 20_000;

/** Connections that have shown the password, and are kept by a request now and then. */
export const keptConnections: Attack = {
  name: 'kept-connections',
  about: `knows the access words: ${PER_CIRCUIT} connections on each circuit, kept by a request now and then`,
  targets: ['send', 'relay', 'share'],
  run: (field) =>
    onEachCircuit(field, async (circuit) => {
      await Promise.all(Array.from({ length: PER_CIRCUIT }, () => keep(field, circuit)));
    }),
};

async function keep(field: Field, circuit: string): Promise<void> {
  const { target, signal, count } = field;
  const password = target.kind === 'share' ? target.password : target.access;
  const request = requestText(field, { password });
  const socket = await dial(field, circuit, request);
  count(await statusOn(socket));
  while (!signal.aborted && !socket.destroyed) {
    await Promise.race([pause(ASK_EVERY_MS, signal), closed(socket)]);
    socket.write(request);
  }
  count('closed');
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}
