import { parseArgs } from 'node:util';
import { type Attack, pause, type TargetKind } from './attack.js';
import { ATTACKS } from './attacks.js';
import { type Ground, prepareGround } from './ground.js';
import { type Met, meetHonestly } from './honest.js';

const USAGE = `npm run attack -- [options] [attack ...]     (all unless told)
${ATTACKS.map(({ name, about }) => `  ${name.padEnd(17)} ${about}`).join('\n')}
Each runs against real programs on a private Tor network. In turns, without and with the attack, an
honest person visits the page once and receives once.
options:
  --pairs N         such turns (3)
  --circuits N      of the attacker (50)
  --seconds S       from the beginning of an attack to the honest person (10)
  --program FILE    what is attacked, such as another build's dist/cli/main.js
  --targets LIST    some of send, relay, share, with commas
  --json            one JSON object a line instead of a table`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pairs: { type: 'string', default: '3' },
    circuits: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '10' },
    targets: { type: 'string' },
    program: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(USAGE);
else await run();

/** What was seen of one attack on one target */
interface Outcome {
  readonly attack: string;
  readonly target: TargetKind;
  readonly without: readonly Met[];
  readonly with: readonly Met[];
  /** What the attackers counted in the last turn */
  readonly counted: Readonly<Record<string, number>>;
}

async function run(): Promise<void> {
  const attacks = chosen();
  const targets = values.targets?.split(',');
  await using ground = await prepareGround((what) => console.error(what), values.program);
  for (const attack of attacks) {
    for (const kind of attack.targets) {
      if (targets !== undefined && !targets.includes(kind)) continue;
      const outcome = await inTurns(ground, attack, kind);
      console.log(values.json ? JSON.stringify(outcome) : formatOutcome(outcome));
    }
  }
}

function chosen(): readonly Attack[] {
  if (positionals.length === 0) return ATTACKS;
  return positionals.map((name) => {
    const attack = ATTACKS.find((other) => other.name === name);
    if (attack === undefined) throw new Error(`there is no attack ${name}\n${USAGE}`);
    return attack;
  });
}

async function inTurns(ground: Ground, attack: Attack, kind: TargetKind): Promise<Outcome> {
  const target = await ground.target(kind);
  const { honest } = ground;
  const outcome = { without: new Array<Met>(), with: new Array<Met>() };
  let counted: Readonly<Record<string, number>> = {};
  // A descriptor that was fetched once is kept.
  await meetHonestly(target, honest);
  for (let pair = 1; pair <= wholeNumber(values.pairs); pair++) {
    console.error(`${attack.name} on ${kind}: pair ${pair} of ${values.pairs}`);
    outcome.without.push(await meetHonestly(target, honest));
    await using attackers = ground.begin(attack, target, wholeNumber(values.circuits));
    await pause(wholeNumber(values.seconds) * 1000, new AbortController().signal);
    outcome.with.push(await meetHonestly(target, honest));
    ({ counted } = attackers);
  }
  return { attack: attack.name, target: kind, ...outcome, counted };
}

function formatOutcome({ attack, target, counted, ...turns }: Outcome): string {
  const row = (name: string, digits: number, of: (met: Met) => number | undefined): string => {
    const [quiet, attacked] = [turns.without, turns.with].map((mets) => median(mets.map(of)));
    const show = (value: number | undefined): string => value?.toFixed(digits) ?? 'never';
    const times =
      quiet === undefined || attacked === undefined ? '' : `× ${(attacked / quiet).toFixed(2)}`;
    return `  ${name.padEnd(16)} ${show(quiet).padStart(8)} ${show(attacked).padStart(8)}  ${times}`;
  };
  const failed = turns.with.flatMap((met) => met.failed);
  const quietFailed = turns.without.flatMap((met) => met.failed);
  return [
    `${attack} on ${target}, medians of ${turns.with.length} pairs: without, with, ratio`,
    row('connect (s)', 2, ({ connect }) => connect),
    row('rate (MB/s)', 2, ({ rate }) => rate && rate / 1e6),
    row('page (s)', 2, ({ page }) => page),
    ...(quietFailed.length === 0 ? [] : [`  failed without: ${quietFailed.join('; ')}`]),
    ...(failed.length === 0 ? [] : [`  failed with: ${failed.join('; ')}`]),
    `  the attackers saw ${JSON.stringify(counted)}`,
  ].join('\n');
}

/** Of those that succeeded; `undefined` if that is not even half of them. */
function median(numbers: readonly (number | undefined)[]): number | undefined {
  const there = numbers.filter((number) => number !== undefined).toSorted((a, b) => a - b);
  if (there.length * 2 <= numbers.length) return undefined;
  return there[Math.floor((there.length - 1) / 2)];
}

function wholeNumber(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new Error(`${text} is no whole number\n${USAGE}`);
}
