import { fairShares } from '../../session/circuits/simulation/fair-share.js';
import { parseCircuit } from './drawn-paths.js';
import { mostOver, type Path } from './most-over.js';
import type { TorSide, TracedRelay, TracedRun, TraceLine } from './trace.js';

const MB = 1e6;
/** Joined later than the recipient's half was built, at most. */
const JOIN_MAX_MS = 30_000;
/** Less than this in a second is no content. */
const LEAST_BYTES = 20_000;
/** A circuit that carries less than this all in all was left by the way before. */
const OWN_BYTES = 2_000;
/** Fullest relays that are told. */
const TOLD = 6;

/** One tor's half of a circuit to the meeting point. */
interface Half {
  path: Path;
  purpose: string;
  builtAt?: number;
  closedAt: number;
  /** Content by second. */
  readonly bytes: Map<number, number>;
}

interface WholeCircuit {
  readonly path: Path;
  readonly from: number;
  readonly to: number;
  readonly bytes: ReadonlyMap<number, number>;
}

/**
 * Where a way lost what the relays could have carried, as a trace tells: what the circuits that
 * lived could carry at most, what they would if every relay shared its rate fairly, what they did.
 */
export function lossesOf(trace: readonly TraceLine[]): string {
  const relays = trace.flatMap((line) => (line.event === 'relays' ? line.relays : []));
  const circuits = wholeCircuits(trace);
  const lines: string[] = [];
  let begunAt = 0;
  for (const line of trace) {
    if (line.event === 'begin') begunAt = line.at;
    if (line.event !== 'end') continue;
    const { name, done } = line;
    lines.push(`${name}: ${describe(done, circuits, relays, begunAt)}`);
  }
  return lines.join('\n');
}

function describe(
  { bytes, seconds, innerRate, bound, spells }: TracedRun,
  circuits: readonly WholeCircuit[],
  relays: readonly TracedRelay[],
  begunAt: number,
): string {
  const sums = { most: 0, fair: 0, got: 0 };
  const carried = new Map<string, number>();
  let moving = 0;
  let spell = 0;
  let changesAt = begunAt + (spells[0]?.seconds ?? Infinity) * 1000;
  const first = Math.ceil(begunAt / 1000);
  const end = begunAt / 1000 + seconds;
  const own = circuits.filter((circuit) => carriedIn(circuit, first, end) >= OWN_BYTES);
  for (let second = first; second < end; second++) {
    while (second * 1000 >= changesAt && spell + 1 < spells.length) {
      changesAt += (spells[++spell]?.seconds ?? Infinity) * 1000;
    }
    const rates = spells[spell]?.rates ?? {};
    const rateOf = (relay: string): number => rates[relay] ?? Infinity;
    const live = own.filter(({ from, to }) => from <= second && second < to);
    const got = live.reduce((sum, circuit) => sum + (circuit.bytes.get(second) ?? 0), 0);
    if (got < LEAST_BYTES) continue;
    moving++;
    sums.got += got;
    sums.most += mostOver(
      live.map(({ path }) => path),
      rateOf,
    );
    sums.fair += fairOver(live, rateOf);
    for (const circuit of live) {
      for (const relay of circuit.path) {
        carried.set(relay, (carried.get(relay) ?? 0) + (circuit.bytes.get(second) ?? 0));
      }
    }
  }
  const inMB = (rate: number): string => (rate / MB).toFixed(2);
  const mean = (sum: number): string => inMB(sum / moving);
  const fullest = relays
    .map(({ nickname, fingerprint, rateBytes }) => ({
      nickname,
      part: (carried.get(fingerprint) ?? 0) / moving / rateBytes,
    }))
    .toSorted((one, other) => other.part - one.part)
    .slice(0, TOLD);
  return [
    `bound ${inMB(bound)} MB/s`,
    `its circuits ${mean(sums.most)} at most, ${mean(sums.fair)} by fair shares`,
    `carried ${mean(sums.got)} while anything moved, ${inMB(innerRate)} from first to last byte, ${inMB(bytes / seconds)} in all`,
    `fullest relays ${fullest.map(({ nickname, part }) => `${nickname} ${part.toFixed(2)}`).join(', ')}`,
  ].join('; ');
}

function carriedIn({ bytes }: WholeCircuit, from: number, to: number): number {
  return [...bytes]
    .filter(([second]) => second >= from && second < to)
    .reduce((sum, [, some]) => sum + some, 0);
}

function fairOver(live: readonly WholeCircuit[], rateOf: (relay: string) => number): number {
  const relays = new Map<string, { rate: number; usual: number; delay: number }>();
  const known = (relay: string): { rate: number; usual: number; delay: number } => {
    const rate = rateOf(relay);
    const found = relays.get(relay) ?? { rate, usual: rate, delay: 0 };
    relays.set(relay, found);
    return found;
  };
  const flows = live.map(({ path }) => ({ path: path.map(known), demand: Infinity }));
  return fairShares(flows).reduce((sum, share) => sum + share, 0);
}

/** The halves that met, told by their meeting point, when they were built and what they carried. */
function wholeCircuits(trace: readonly TraceLine[]): WholeCircuit[] {
  const { sender, recipient } = halves(trace);
  const far = new Set(sender);
  const whole: WholeCircuit[] = [];
  for (const near of recipient.toSorted((one, other) => total(other) - total(one))) {
    const met = [...far]
      .filter((half) => half.path.at(-1) === near.path.at(-1) && isJoined(near, half))
      .sort((one, other) => apart(one, near) - apart(other, near))[0];
    if (met === undefined) continue;
    far.delete(met);
    whole.push({
      path: [...near.path, ...met.path.slice(0, -1).reverse()],
      from: (met.builtAt ?? 0) / 1000,
      to: near.closedAt / 1000,
      bytes: near.bytes,
    });
  }
  return whole;
}

function isJoined({ builtAt: near = 0 }: Half, { builtAt: far = 0 }: Half): boolean {
  return far >= near && far - near < JOIN_MAX_MS;
}

function apart(one: Half, other: Half): number {
  return Math.abs(total(one) - total(other));
}

function total({ bytes }: Half): number {
  return [...bytes.values()].reduce((sum, some) => sum + some, 0);
}

function halves(trace: readonly TraceLine[]): Record<TorSide, Half[]> {
  const found = { sender: new Map<string, Half>(), recipient: new Map<string, Half>() };
  for (const line of trace) {
    if (line.event === 'CIRC') {
      const { id, status, path, purpose } = parseCircuit(line.line);
      const half: Half = found[line.side].get(id) ?? {
        ...{ path, purpose, closedAt: Infinity, bytes: new Map() },
      };
      found[line.side].set(id, half);
      if (path.length > 0) half.path = path;
      if (purpose !== '') half.purpose = purpose;
      if (status === 'BUILT' && half.purpose.endsWith('_REND')) half.builtAt ??= line.at;
      if (status === 'CLOSED' || status === 'FAILED') half.closedAt = line.at;
    } else if (line.event === 'CIRC_BW') {
      const field = (name: string): string =>
        new RegExp(`(?:^| )${name}=(\\d+)`).exec(line.line)?.[1] ?? '';
      const bytes = field(line.side === 'recipient' ? 'DELIVERED_READ' : 'DELIVERED_WRITTEN');
      const second = Math.floor(line.at / 1000);
      const half = found[line.side].get(field('ID'));
      half?.bytes.set(second, (half.bytes.get(second) ?? 0) + Number(bytes));
    }
  }
  const met = (halves: ReadonlyMap<string, Half>): Half[] =>
    [...halves.values()].filter(({ builtAt }) => builtAt !== undefined);
  return { sender: met(found.sender), recipient: met(found.recipient) };
}
