import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { receiveTransfer } from '../../src/session/receiving/receive-transfer.js';
import { sendTransfer } from '../../src/session/sending/send-transfer.js';
import { openDestination } from '../../src/transfer/destination/destination.js';
import { fileSource } from '../../src/transfer/source/file-source.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { ends } from './support/ends.js';
import { Link } from './support/link.js';

const FRAMES = 100_000;
const STREAMS = 24;
/** Node warns of more (events.defaultMaxListeners). */
const LISTENERS_MAX = 10;
const PATIENCE = { timeout: 60_000 };

/** When Node warns of too many listeners from now on; of other things it may for tests before. */
function warnings(): string[] {
  const said: string[] = [];
  const listener = ({ name, message }: Error): void => {
    if (name === 'MaxListenersExceededWarning') said.push(message);
  };
  process.on('warning', listener);
  onTestFinished(() => void process.off('warning', listener));
  return said;
}

/** A warning is given in the next tick. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('frames that wait for a peer that reads nothing add no listeners', async () => {
  const said = warnings();
  const { sender, recipient, sockets } = await ends();
  await Promise.all([sender.established(), recipient.established()]);
  const [socket] = sockets;
  const listeners = (): string =>
    JSON.stringify(socket.eventNames().map((name) => [String(name), socket.listenerCount(name)]));
  await sender.send({ frame: 'control', control: { type: 'keepalive' } });
  const before = listeners();
  const content = new Uint8Array(200);
  for (let frame = 0; frame < FRAMES; frame++) {
    sender.send({ frame: 'data', position: 0, content }).catch(() => undefined);
    if (frame % 1000 === 0) await nextTurn();
  }
  // Beyond what the system takes.
  await expect.poll(() => socket.writableLength, PATIENCE).toBeGreaterThan(1_000_000);
  expect(listeners()).toBe(before);
  expect(said).toEqual([]);
});

test('a transfer whose many streams all stand still, and then break, adds too many to nothing', async () => {
  const said = warnings();
  const [from, to] = [await temporaryDirectory(), await temporaryDirectory()];
  await writeFile(join(from, 'file'), randomBytes(40_000_000));
  const link = new Link();
  const stalled = new Set<number>();
  let quiet: NodeJS.Timeout | undefined;
  link.onWire = ({ generation, number, sockets }) => {
    if (generation > 0) return;
    let passed = 0;
    sockets.recipient.on('data', (piece: Buffer) => {
      passed += piece.length;
      if (passed < 100_000) return;
      sockets.recipient.pause();
      stalled.add(number);
      if (stalled.size <= LISTENERS_MAX) return;
      // Once no more of them come to a stand: on a busy machine not all are opened.
      clearTimeout(quiet);
      quiet = setTimeout(() => link.breakAll(), 1_000);
    });
  };
  await using source = await fileSource([join(from, 'file')]);
  await Promise.all([
    sendTransfer({ ...link.first('sender'), source, circuits: STREAMS }),
    receiveTransfer({
      ...link.first('recipient'),
      circuits: STREAMS,
      accept: (manifest) => openDestination({ directory: to, manifest, conflict: 'fail' }),
    }),
  ]);
  await nextTurn();
  expect(stalled.size).toBeGreaterThan(LISTENERS_MAX);
  expect(said).toEqual([]);
});
