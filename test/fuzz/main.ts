import { parseArgs } from 'node:util';
import { addCase } from './cases.js';
import { TARGETS } from './targets.js';

const RUNS_AT_ONCE = 2000;
const SECONDS = 60;

const USAGE = `npm run fuzz -- [options] [target ...]     (all targets unless told)
${TARGETS.map(({ name }) => `  ${name}`).join('\n')}
options:
  --seconds N  how long, over all targets (default: ${SECONDS})
  --seed N     of the first round; each round has the next one
what is found is written to test/fuzz/cases.json, and tried by npm test from then on`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: String(SECONDS) },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(USAGE);
else process.exitCode = (await search()) ? 1 : 0;

/** @returns whether anything was found */
async function search(): Promise<boolean> {
  const wanted = positionals.length === 0 ? TARGETS.map(({ name }) => name) : positionals;
  const unknown = wanted.filter((name) => TARGETS.every((target) => target.name !== name));
  const seconds = Number(values.seconds);
  let seed = Number(values.seed);
  if (unknown.length > 0 || !(seconds > 0) || !Number.isSafeInteger(seed)) throw new Error(USAGE);

  const targets = TARGETS.filter(({ name }) => wanted.includes(name));
  const inputs = new Map<string, number>();
  const taken = new Map<string, number>();
  const bad = new Set<string>();
  const until = performance.now() + seconds * 1000;
  do {
    for (const { name, run } of targets) {
      if (bad.has(name)) continue;
      let smallest: Promise<void> | undefined;
      const found = (input: Parameters<typeof addCase>[1]): void =>
        void (smallest = addCase(name, input));
      try {
        taken.set(name, (taken.get(name) ?? 0) + (await run({ runs: RUNS_AT_ONCE, seed, found })));
        inputs.set(name, (inputs.get(name) ?? 0) + RUNS_AT_ONCE);
      } catch (error) {
        bad.add(name);
        await smallest;
        console.error(`${name}, seed ${String(seed)}:\n${String(error)}\n`);
      }
      if (performance.now() > until) break;
    }
    seed++;
  } while (performance.now() < until && bad.size < targets.length);
  for (const { name } of targets) {
    const tried = `${String(inputs.get(name) ?? 0)} inputs judged well, ${String(taken.get(name) ?? 0)} of them taken`;
    console.log(`${name.padEnd(26)} ${tried}${bad.has(name) ? ', then one BADLY' : ''}`);
  }
  return bad.size > 0;
}
