import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Those of minutes: what begins with them ends with them. */
const LONGEST = [
  'nat',
  'relay-page',
  'resume',
  'share-pages',
  'survival',
  'resumed-downloads',
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
  'private',
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

/** Lets the files that wait longest begin first, and those of one project follow each other. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    // What is slow begins before what is not, so that the end of a run has no long file.
    return sorted.sort((a, b) => project(b) - project(a) || rank(a) - rank(b));
  }
}

function project({ project: { name } }: TestSpecification): number {
  return ['rooms', 'slow', 'tor'].indexOf(name);
}

function rank({ moduleId }: TestSpecification): number {
  const index = LONGEST.findIndex((name) =>
    ['tor', 'slow'].some((kind) => moduleId.endsWith(`/${name}.${kind}.test.ts`)),
  );
  return index === -1 ? LONGEST.length : index;
}
