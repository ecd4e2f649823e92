import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Those of minutes: what begins with them ends with them. */
const LONGEST = [
  'nat',
  'several-relays',
  'relay-page',
  'resume',
  'share-pages',
  'survival',
  'resumed-downloads',
  'private',
  'publish',
  'inbox-pages',
  'desktop-page',
  'watch-network',
  'error-pages',
  'several-recipients',
  'going-away',
  'many-circuits',
  'pages',
  'full-disk',
  'interruption',
  'failing-start',
  'what-is-sent',
  'examples',
  'identities',
  'contract',
  'run',
  'passwords',
  'lost-reconnect-replies',
  'lost-sides',
  'repeated-faults',
  'meeting',
  'faults',
  'bursts',
  'lost-replies',
  'keeping',
  'package',
  'unfinished-faults',
];

/** Lets the files that wait longest begin first, and of the others those that are slow. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}

function rank({ moduleId }: TestSpecification): number {
  const index = LONGEST.findIndex((name) =>
    ['tor', 'slow'].some((kind) => moduleId.endsWith(`/${name}.${kind}.test.ts`)),
  );
  if (index !== -1) return index;
  return LONGEST.length + (moduleId.endsWith('.slow.test.ts') ? 0 : 1);
}
