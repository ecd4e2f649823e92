import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Those of minutes: what begins with them ends with them. */
const LONGEST = [
  'nat',
  'relay-page',
  'resume',
  'share-pages',
  'survival',
  'inbox-pages',
  'error-pages',
  'several-recipients',
  'pages',
  'failing-start',
  'interruption',
  'many-circuits',
  'publish',
  'examples',
  'going-away',
  'resumed-downloads',
  'what-is-sent',
  'unfinished-faults',
  'lost-reconnect-replies',
  'lost-replies',
  'faults',
  'package',
  'repeated-faults',
  'keeping',
  'bursts',
  'meeting',
];

/**
 * Lets the files that wait longest begin first, and spreads those that wait (for Tor) evenly among
 * those that compute, so that all of a run has both.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const turns = new Map<TestSpecification, number>();
    for (const isTor of [true, false]) {
      const kind = sorted.filter(({ project }) => (project.name === 'tor') === isTor);
      kind.sort((a, b) => rank(a) - rank(b));
      kind.forEach((file, index) => turns.set(file, index / kind.length));
    }
    return sorted.sort((a, b) => (turns.get(a) ?? 0) - (turns.get(b) ?? 0));
  }
}

function rank({ moduleId }: TestSpecification): number {
  const index = LONGEST.findIndex((name) =>
    ['tor', 'slow'].some((kind) => moduleId.endsWith(`/${name}.${kind}.test.ts`)),
  );
  return index === -1 ? LONGEST.length : index;
}
