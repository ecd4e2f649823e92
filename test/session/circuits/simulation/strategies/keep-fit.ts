import type { Sample, Strategy } from '../carry.js';

const MIB = 1024 * 1024;

interface Settings {
  start?: number;
  most?: number;
  settleMs?: number;
  windowMs?: number;
  unfit?: number;
  atOnce?: number;
  everyMs?: number;
  far?: boolean;
  per?: number;
}

export function keepFit(settings: Settings): Strategy {
  const { start = 32, most = 32, settleMs = 4000, windowMs = 3000, unfit = 0.5, atOnce = 4, everyMs = 1000, per = 1 } = settings;
  return {
    name: `fit ${JSON.stringify(settings).replace(/["{}]/g, '')}`,
    ahead: ({ bytes }) => Math.min(start, Math.ceil(bytes / MIB / per)),
    start: ({ dialMs }) => {
      const history: Sample[] = [];
      let expected = 0;
      let weight = 0;
      const judged = new Set<number>();
      let lastAt = 0;
      let dropped = false;
      return (sample) => {
        const { now, streams } = sample;
        const missing = sample.missing ?? Infinity;
        history.push(sample);
        while ((history[1]?.now ?? now) <= now - windowMs) history.shift();
        const first = history[0] ?? sample;
        const before = new Map(first.streams.map((s) => [s.number, s.bytes]));
        const span = Math.max(1, now - first.now) / 1000;
        const total = (sample.bytes - first.bytes) / span;
        const wantedNow = dropped ? most : start;
        const worth = Math.max(1, Math.min(wantedNow, Math.ceil(missing / MIB / per)));
        const wanted = Math.max(Math.min(worth, wantedNow), Math.min(streams.length, wantedNow));
        const none = { wanted, drop: [] as number[] };
        const settle = Math.max(settleMs, dialMs);
        const settled = streams
          .filter((s) => now - s.since >= settle)
          .map((s) => ({ number: s.number, rate: (s.bytes - (before.get(s.number) ?? 0)) / span }))
          .sort((a, b) => a.rate - b.rate);
        for (const { number, rate } of settled) {
          if (judged.has(number)) continue;
          judged.add(number);
          weight = Math.min(weight + 1, 20);
          expected += (rate - expected) / weight;
        }
        if (missing < total * (dialMs / 1000 + 5) || now - lastAt < everyMs) return none;
        const room = atOnce - Math.max(0, Math.min(worth, wantedNow) - streams.length);
        const surplus = streams.length - most;
        const drop = settled
          .slice(0, Math.max(0, Math.max(room, surplus)))
          .filter(({ rate }, i) => i < surplus || (i < room && rate < unfit * expected))
          .map(({ number }) => number);
        if (drop.length > 0) {
          lastAt = now;
          dropped = true;
        }
        return { wanted: dropped ? Math.min(wanted, most) : wanted, drop };
      };
    },
  };
}
