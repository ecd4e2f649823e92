import type { Measure } from '../benchmark.js';
import { assertSame } from './assert-same.js';
import type { Trial } from './large.js';
import { recordBytes } from './record-bytes.js';

const MB = 1e6;
/** How far it comes before it is killed: the record is large by then. */
const FAR = 0.6;
/** More than both say while they meet, and less than one chunk. */
const CHUNK_BYTES = 128 * 1024;
const ALLOWED_SECONDS = 2;

/** A recipient that is killed once, and started again into the same folder. */
export const restarted: Trial = async (parties, content): Promise<Measure[]> => {
  const sender = parties.send();
  const { invitation } = await sender.told('online');
  const first = parties.receive(invitation);
  await first.told('progress', ({ bytes }) => bytes >= FAR * content.bytes);
  await first.kill();
  const fetchedBefore = parties.fetched.bytes;
  const record = await recordBytes(parties.dataDir);
  const start = performance.now();
  const second = parties.receive();
  await second.told('peer', ({ state }) => state === 'authenticated');
  const met = performance.now();
  await parties.fetched.until(parties.fetched.bytes + CHUNK_BYTES);
  const arrived = performance.now();
  await second.succeeds();
  await sender.succeeds();
  await assertSame(parties.received, content);
  const fetchedAgain = first.progress + parties.fetched.bytes - fetchedBefore;
  return [
    {
      name: 'from the meeting to the first new chunk',
      value: (arrived - met) / 1000,
      unit: 's',
      allowed: ALLOWED_SECONDS,
    },
    { name: 'from receive to the meeting', value: (met - start) / 1000, unit: 's' },
    { name: 'record on disk when killed', value: record / MB, unit: 'MB' },
    {
      name: 'told to be had and fetched after, over its size',
      value: fetchedAgain / content.bytes,
    },
  ];
};
