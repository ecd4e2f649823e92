import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { countHeld, type Held } from './held.js';
import { SoakedRelay } from './soaked-relay.js';
import { anyStory, STORIES } from './stories.js';

const USAGE = `npm run soak -- [options]
Opens, uses and closes channels of one relay in this process, with faults at random, and tells what
is left afterwards. Nothing may be.
options:
  --channels N      in all (1000)
  --at-once N       (50)`;

const { values } = parseArgs({
  options: {
    channels: { type: 'string', default: '1000' },
    'at-once': { type: 'string', default: '50' },
    help: { type: 'boolean', default: false },
  },
});

/** What a heap may have grown by: code that was compiled meanwhile, and caches. */
const GROWTH_MAX_BYTES = 10_000_000;

if (values.help) console.log(USAGE);
else await run(wholeNumber(values.channels), wholeNumber(values['at-once']));

async function run(channels: number, atOnce: number): Promise<void> {
  setFlagsFromString('--expose-gc');
  // The flag defines it in new contexts.
  const collect = runInNewContext('gc') as () => void;
  // As many as are used at once, each with a pair and a channel to reconnect in: none may stay.
  await using relay = await SoakedRelay.start({ channels: 4 * atOnce });
  const told = new Map<string, number>();
  const soak = async (count: number): Promise<void> => {
    let begun = 0;
    const one = async (): Promise<void> => {
      while (begun++ < count) {
        const story = anyStory();
        const end = await STORIES[story](relay).then(
          () => story,
          (error: unknown) => `${story}: ${String(error)}`,
        );
        told.set(end, (told.get(end) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, one));
    await relay.settle();
    collect();
  };
  // What is made once is there afterwards.
  await soak(2 * atOnce);
  told.clear();
  const before = await countHeld(relay);
  const startedAt = performance.now();
  await soak(channels);
  const after = await countHeld(relay);
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(`${channels} channels, ${atOnce} at once, in ${seconds.toFixed(1)} s`);
  for (const [end, count] of [...told].toSorted())
    console.log(`  ${String(count).padStart(5)}  ${end}`);
  console.table({ before, after });
  const grown = grownFrom(before, after);
  const failed = [...told.keys()].filter((end) => end.includes(': '));
  if (grown.length > 0) console.error(`left behind: ${grown.join(', ')}`);
  process.exitCode = grown.length + failed.length > 0 ? 1 : 0;
}

function grownFrom(before: Held, after: Held): string[] {
  // The keys of one type.
  const names = Object.keys(after) as (keyof Held)[];
  return names.filter((name) => {
    const allowed = name === 'heapBytes' ? GROWTH_MAX_BYTES : 0;
    return after[name] > before[name] + allowed;
  });
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new Error(`${text} is no whole number\n${USAGE}`);
}
