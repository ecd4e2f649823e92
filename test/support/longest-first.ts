import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Those of minutes: what begins with them ends with them. */
const LONGEST = [
  'nat',
  'resume',
  'survival',
  'relay-page',
  'share-pages',
  'error-pages',
  'inbox-pages',
  'going-away',
  'watch-network',
  'several-recipients',
  'many-circuits',
  'interruption',
  'publish',
  'failing-start',
  'faults',
  'repeated-faults',
  'bursts',
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
