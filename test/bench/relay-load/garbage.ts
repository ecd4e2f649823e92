import { Client } from './requests.js';

/** What it tells: requests that were answered so far */
export type Answered = number;

/** Its clients, each on a circuit with some connections */
const CIRCUITS = 50;
const FIRST_CIRCUIT = 0x4000;
const TICK_MS = 10;
const TELL_EVERY_MS = 250;

// A process of its own: asks so many times a second for what cannot be understood, until it is told
// to end. A request for which nothing is free any more waits in its client.
const [, , socketPath = '', perSecond = ''] = process.argv;
const clients = Array.from(
  { length: CIRCUITS },
  (_, n) => new Client(socketPath, FIRST_CIRCUIT + n),
);
let due = 0;
let asked = 0;
let answered = 0;
const startedAt = performance.now();
setInterval(() => {
  due = Math.floor(((performance.now() - startedAt) / 1000) * Number(perSecond));
  // What was missed while this process stood still is not made up for.
  if (due - asked > Number(perSecond) / 4) asked = due;
  for (; asked < due; asked++) {
    void clients[asked % CIRCUITS]?.post('/channel', '{"garbage":').then(
      () => answered++,
      () => undefined,
    );
  }
}, TICK_MS);
setInterval(() => process.send?.(answered satisfies Answered), TELL_EVERY_MS);
process.once('disconnect', () => process.exit(0));
