import type { Random } from './random.js';

const KB = 1000;
/** What cells, TLS and our own frames add to content. */
const FRAMING = 1.07;
/**
 * tor fills a bucket by whole steps of 16 ticks of about a millisecond and forgets the rest of the
 * time that has passed (token_bucket_rw_refill), which by a kernel's coarse clock of 4 ms is 19 ticks:
 * a busy relay never carries more than this part of its rate.
 */
const FILLED = 16 / 19;
/** What a relay can carry of content, as part of its rate. */
const CONTENT = FILLED / FRAMING;
/**
 * On the bench's network some circuits got hardly anything of full relays for as long as they lived,
 * while others through the same relays got their part: about so many connections between two relays.
 */
const STARVED = 0.07;
const STARVED_WEIGHT = 0.05;

/** A relay, as far as it limits or delays what goes through it. */
export interface Relay {
  /** Bytes of content a second, at present. */
  rate: number;
  /** What it was at first. */
  readonly usual: number;
  /** One way, in seconds. */
  readonly delay: number;
}

/** The relays between the two sides, from the recipient's guard to the sender's. */
export type Path = readonly Relay[];

export interface Network {
  /** What second hops could carry by their rates, in bytes a second: no choice of circuits exceeds it. */
  readonly bound: number;
  readonly relays: readonly Relay[];
  /** Draws a circuit as the two tors would. */
  draw(): Path;
  /** How long its first connection takes, in seconds. */
  dial(path: Path): number;
  /** Names the second hop of the recipient's side. */
  hopOf(path: Path): string;
  /** How a circuit fares where relays are full, against 1 for most. */
  weightOf(path: Path): number;
  /** Whether relays change, circuits break and dials fail. */
  readonly isUnsteady: boolean;
}

/** Rates in kB/s of the relays of the bench's `real` profile. */
const REAL_RATES = [
  ...[300, 500, 800, 1200, 2000, 3000, 600, 1000, 400, 1500, 2500, 700],
  ...[900, 350, 1800, 4000, 1100, 450, 1300, 2200, 550, 850, 1600, 3500],
];

function relay(rate: number, delay: number): Relay {
  return { rate, usual: rate, delay };
}

export function roundTrip(path: Path): number {
  return 2 * path.reduce((sum, { delay }) => sum + delay, 0);
}

/**
 * Unlike relays, as volunteers' are. Both sides have a guard and, by vanguards-lite, four second hops
 * that all their circuits share; the two relays between them differ with every circuit.
 *
 * @param isWeighted whether relays are drawn in proportion to their rates
 */
export function unlikeNetwork(random: Random, { isWeighted = false } = {}): Network {
  const relays = REAL_RATES.map((rate) => relay(rate * KB * CONTENT, random.between(0.01, 0.08)));
  return drawnNetwork(random, relays, isWeighted);
}

/** The same with rates from a long-tailed distribution instead: a few carry most. */
export function longTailedNetwork(random: Random): Network {
  const relays = Array.from({ length: 60 }, () =>
    relay(
      Math.min(20_000, Math.max(100, 900 * random.factor(1))) * KB * CONTENT,
      random.between(0.01, 0.08),
    ),
  );
  return drawnNetwork(random, relays, false);
}

function drawnNetwork(random: Random, relays: Relay[], isWeighted: boolean): Network {
  const sum = relays.reduce((total, { rate }) => total + rate, 0);
  const one = (not: readonly Relay[]): Relay => {
    for (;;) {
      let drawn = random.of(relays);
      if (isWeighted) {
        let at = random.next() * sum;
        drawn = relays.find(({ usual }) => (at -= usual) < 0) ?? drawn;
      }
      if (!not.includes(drawn)) return drawn;
    }
  };
  const four = (): Relay[] => {
    const chosen: Relay[] = [];
    while (chosen.length < 4) chosen.push(one(chosen));
    return chosen;
  };
  const guard = (): Relay => relay(12_000 * KB * CONTENT, random.between(0.01, 0.03));
  const recipient = { guard: guard(), seconds: four() };
  const sender = { guard: guard(), seconds: four() };
  const carries = (side: typeof sender): number =>
    Math.min(
      side.guard.rate,
      side.seconds.reduce((total, { rate }) => total + rate, 0),
    );
  // As the bench counts it, by rates.
  const bound = Math.min(carries(recipient), carries(sender)) / CONTENT;
  const connections = new Map<string, boolean>();
  const starves = (from: Relay, to: Relay): boolean => {
    const name = `${relays.indexOf(from)} ${relays.indexOf(to)}`;
    const does = connections.get(name) ?? random.next() < STARVED;
    connections.set(name, does);
    return does;
  };
  return {
    bound,
    // Content comes from the path's end. What a guard passes on shares one connection.
    weightOf: (path) => {
      const [, ...read] = path.slice(0, -2);
      return read.some((to, i) => starves(path[i + 2] ?? to, to)) ? STARVED_WEIGHT : 1;
    },
    relays: [...relays, recipient.guard, sender.guard],
    hopOf: (path) => String(relays.indexOf(path[1] ?? recipient.guard)),
    isUnsteady: true,
    draw: () => {
      const second = random.of(recipient.seconds);
      const last = random.of(sender.seconds);
      const meeting = one([second, last]);
      const third = one([second, last, meeting]);
      return [recipient.guard, second, meeting, third, last, sender.guard];
    },
    dial: (path) => 0.3 + roundTrip(path) * 2.5 * random.factor(0.3),
  };
}

/** Relays that are all alike; what ends the growth is the machine that runs all of them. */
export function alikeNetwork(random: Random, delay: number): Network {
  const machine = relay(36_000 * KB, 0.01);
  const relays = Array.from({ length: 8 }, () => relay(100_000 * KB, delay));
  return {
    bound: machine.rate,
    weightOf: () => 1,
    relays: [machine, ...relays],
    hopOf: (path) => String(relays.indexOf(path[1] ?? machine)),
    isUnsteady: false,
    draw: () => [machine, ...random.some(relays, 6)],
    dial: (path) => 0.3 + roundTrip(path) * 2.5 * random.factor(0.1),
  };
}
