import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { watchFileCalls } from '../support/file-calls.js';
import {
  attempt,
  callsOf,
  diskInMemory,
  HARD,
  KINDS,
  outcomeOf,
  problemsOf,
  type Scenario,
  SOFT,
  TIMEOUT_MS,
} from './support/failing-disk.js';

/**
 * What becomes of a transfer when one call fails once: with a hard code, and with a soft one, if
 * that is something else. The first row that fits the call and how often it was made before counts.
 *
 * - refused: before the offer is accepted; nothing has come, nothing is left
 * - kept: everything that has come is kept, and the next run needs only the rest
 * - whole: everything has its final name; warned: and something is told
 */
const OUTCOMES: readonly (readonly [call: RegExp, hard: string, soft?: string])[] = [
  // The two folders, of which one is there already.
  [/^mkdir OUT#/, 'whole'],
  [/^stat OUT#/, 'refused'],
  [/^(open|handle.sync|handle.close) DATA#/, 'refused', 'whole'],
  // How much room there is, and which names are taken, is asked first.
  [/^statfs OUT/, 'whole'],
  [/^(open|close)Sync OUT\/PROBE.names/, 'refused', 'whole'],
  [/^\w+ OUT\/PROBE.names/, 'refused'],
  // The record and the staging folder.
  [/^handle.sync DATA\S+(content.json|json.TMP)#0/, 'refused', 'whole'],
  [/^(open|handle.sync|handle.close) DATA\/transfers#0/, 'refused', 'whole'],
  [/^handle.(write|close) DATA\S+.journal#/, 'whole'],
  [/^rm DATA\S+(content.json|.lock)#0/, 'whole'],
  [/^(rm|open|handle.readFile) DATA\S+(.journal|.moves|.lock)#0/, 'refused'],
  [/^\S+ DATA\S+(content.json|json.TMP)#0/, 'refused'],
  // Its second part.
  [/^handle.writeFile DATA\S+content.json#1/, 'refused'],
  [/^\w+ DATA\/transfers#0/, 'refused'],
  [/^chmod OUT\/STAGING#/, 'refused', 'whole'],
  [/^(mkdir|mkdirSync|stat) OUT\/STAGING/, 'refused'],
  // The content.
  [/^handle.datasync OUT\/STAGING/, 'kept', 'whole'],
  [/^(openSync|writeSync|closeSync|handle.write) OUT\/STAGING/, 'kept'],
  [/^(open|handle.close) OUT\/STAGING\/(d\/\w|solo)/, 'kept'],
  // Other names: a file that cannot be linked is copied, and a link is left out.
  [/^linkSync OUT\/STAGING/, 'whole'],
  [/^symlinkSync OUT\/STAGING/, 'whole, warned'],
  [/^handle.read OUT\/STAGING/, 'kept'],
  // What was not sent is looked for.
  [/^(readdir|lstat)Sync OUT\/STAGING/, 'kept'],
  // A time or a mode that is not kept.
  [/^(futimes|fchmod)Sync OUT\/STAGING/, 'whole, warned'],
  // Folders, which some file systems cannot sync.
  [/^(open|handle.sync|handle.close) OUT(\/STAGING\/d(\/sub)?)?#/, 'kept', 'whole'],
  // The final names. Replacing an empty folder is tried in two ways.
  [/^rename OUT\/STAGING\/d#/, 'whole'],
  [/^link OUT\/STAGING/, 'kept', 'whole'],
  [/^(lstat|mkdir|rename|open|handle.close) OUT/, 'kept'],
  [/^unlink OUT\/STAGING/, 'whole'],
  // Where the moves are noted if the data directory has no room.
  [/^rm OUT\/STAGING\/PROBE.part.moves#0/, 'refused'],
  // From here on nothing is needed any more.
  [/^rm OUT\/STAGING#/, 'whole, warned'],
  [/^\S+ DATA/, 'whole'],
];

const ALSO_FOLDERS = /^(open|handle\.(sync|close)) OUT\/STAGING\/d\/sub#/;

function expectedOutcome(call: string, code: string): string {
  const row = OUTCOMES.find(([pattern]) => pattern.test(call) && !isOtherRow(pattern, call));
  if (row === undefined) throw new Error(`no row for ${call}`);
  const [, hard, soft = hard] = row;
  return HARD.includes(code) ? hard : soft;
}

/** `d/sub` is a folder, unlike the others in `d`. */
function isOtherRow(pattern: RegExp, call: string): boolean {
  return ALSO_FOLDERS.test(call) && pattern.source.includes('(d\\/\\w|solo)');
}

/** Those that depend on how final names are given. */
const MOVES = /^\w+ OUT\/STAGING\/(d|solo)#|^(lstat|open|handle.close) OUT\/(d|solo)#/;

/** Those that make links, or copies where there are none. */
const LINKS = /^(linkSync|symlinkSync) |OUT\/STAGING\/d\/other#|^handle.read OUT\/STAGING/;

describe('a recipient whose disk fails', () => {
  let restore: () => void;
  beforeAll(() => {
    restore = watchFileCalls();
  });
  afterAll(() => restore());

  test.each<[string, Omit<Scenario, 'disk'>]>([
    ['', { conflict: 'rename' }],
    [', on a file system without links', { conflict: 'rename', isWithoutLinks: true }],
    [', where it replaces a file', { conflict: 'overwrite', isTaken: true }],
    [', with links in the offer', { conflict: 'rename', isLinked: true }],
    [', with copies for links', { conflict: 'rename', isLinked: true, isWithoutLinks: true }],
  ])(
    'at any one call keeps everything, and leaves nothing wrong or behind%s',
    {
      timeout: TIMEOUT_MS,
    },
    async (_, options) => {
      const scenario = { ...options, disk: await diskInMemory() };
      const problems: string[] = [];
      const unexpected: string[] = [];
      const calls = await callsOf(scenario);
      const { isLinked = false, isTaken = false, isWithoutLinks = false } = scenario;
      const isFirst = !isLinked && !isTaken && !isWithoutLinks;
      const which = isLinked ? LINKS : MOVES;
      const some = isFirst ? calls : calls.filter((each) => which.test(each));
      for (const [place, call] of some.entries()) {
        // Of those that are treated alike another one for each call.
        const alike = [...HARD, ...SOFT].filter((code) => !KINDS.includes(code));
        const also = isFirst ? (alike[place % alike.length] ?? []) : [];
        const codes = KINDS.concat(also);
        const tries = codes.map(async (code) => {
          const tried = await attempt(scenario, (each) => (each === call ? code : undefined));
          const outcome = outcomeOf(tried.run);
          if (outcome !== expectedOutcome(call, code)) {
            unexpected.push(`${call} ${code}: ${outcome} (${inspect(tried.run.error)})`);
          }
          problems.push(...(await problemsOf(tried, call)));
        });
        await Promise.all(tries);
      }
      expect(problems).toEqual([]);
      expect(unexpected).toEqual([]);
    },
  );
});
