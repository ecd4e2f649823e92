import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isResumable, OnionferryError } from '../../src/base/errors.js';
import type { Conflict } from '../../src/disk/commit.js';
import { hookFileCalls, systemError, watchFileCalls } from '../support/file-calls.js';
import { mounted } from '../support/mounts.js';
import { LINKED, labelOf, NAMES, Receiving, type Run, visible } from './support/receiving.js';

/** A thousand transfers, on a busy machine. */
const TIMEOUT_MS = 600_000;
const DISK_BYTES = 256 * 1024 * 1024;

/** What is really wrong with a disk. */
const HARD: readonly string[] = ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EMFILE'];
/** What a file system says to a call that it does not have. */
const SOFT: readonly string[] = ['ENOSYS', 'EPERM', 'EINVAL'];

/**
 * What becomes of a transfer when one call fails once: with a hard code, and with a soft one, if
 * that is something else. The first row that fits the call and how often it was made before counts.
 *
 * - refused: before the offer is accepted; nothing has come, nothing is left
 * - kept: everything that has come is kept, and the next run needs only the rest
 * - whole: everything has its final name; warned: and something is told
 */
const OUTCOMES: readonly (readonly [call: RegExp, hard: string, soft?: string])[] = [
  // The two folders.
  [/^mkdir OUT#/, 'refused'],
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

/** Calls that take something away: where one of them fails, something is left. */
const REMOVALS = /^(rm|rmdir|unlink)(Sync)?$/;
const CHANGES =
  /^(openSync|open|handle.write|writeSync|mkdir|mkdirSync|rename|link|symlinkSync|handle.sync|handle.datasync) OUT/;

interface Scenario {
  /** Where each attempt makes folders: in memory, so that no sync takes time. */
  readonly disk: string;
  readonly conflict: Conflict;
  /** A file of one of the names is there. */
  readonly isTaken?: boolean;
  /** The file system knows no hard links. */
  readonly isWithoutLinks?: boolean;
  /** There are links in the offer. */
  readonly isLinked?: boolean;
  /** An earlier process has failed at this call. */
  readonly begunUpTo?: string;
}

interface Tried {
  readonly receiving: Receiving;
  readonly run: Run;
  readonly calls: readonly string[];
}

/** Runs one process whose calls fail with the code that `fails` says. */
async function attempt(
  scenario: Scenario,
  fails: (call: string) => string | undefined = () => undefined,
): Promise<Tried> {
  const { conflict, disk } = scenario;
  const at = async (): Promise<string> => await mkdtemp(join(disk, 'd-'));
  const receiving = await Receiving.prepare({
    conflict,
    ...(scenario.isLinked === true && { manifest: LINKED }),
    directory: await at(),
    dataDir: await at(),
  });
  if (scenario.isTaken === true) await writeFile(join(receiving.directory, 'solo'), 'mine');
  const calls: string[] = [];
  const runOnce = async (failsOnce: typeof fails): Promise<Run> => {
    calls.length = 0;
    const counts = new Map<string, number>();
    return await hookFileCalls(
      [receiving.directory, receiving.dataDir],
      (made) => {
        const label = labelOf(made, receiving);
        const before = counts.get(label) ?? 0;
        counts.set(label, before + 1);
        const call = `${label}#${before}`;
        calls.push(call);
        const isLacking = scenario.isWithoutLinks === true && /^link(Sync)?$/.test(made.name);
        const code = failsOnce(call) ?? (isLacking ? 'EPERM' : undefined);
        if (code !== undefined) throw systemError(code, made);
      },
      () => receiving.run(),
    );
  };
  const { begunUpTo } = scenario;
  if (begunUpTo === undefined) return { receiving, run: await runOnce(fails), calls };
  const { had, error } = await runOnce((call) => (call === begunUpTo ? 'EIO' : undefined));
  expect(isResumable(error)).toBe(true);
  const run = await runOnce(fails);
  // What the first process had counts, whatever became of the second.
  return { receiving, run: { ...run, had: Math.max(had, run.had) }, calls };
}

function outcomeOf({ error, received, brought, had }: Run): string {
  if (error === undefined) return received?.warnings.length === 0 ? 'whole' : 'whole, warned';
  if (isResumable(error)) return 'kept';
  return brought === 0 && had === 0 ? 'refused' : 'lost';
}

/** Everything that must hold whatever failed, after a second run on a disk that is well again. */
async function problemsOf({ receiving, run }: Tried, call: string): Promise<string[]> {
  const problems: string[] = [];
  const { error, had } = run;
  // What was there before may still be.
  const wrong = async (): Promise<string[]> => await receiving.wrongFiles('mine');
  problems.push(...(await wrong()).map((file) => `${file} is wrong`));
  if (error !== undefined) {
    if (!(error instanceof OnionferryError)) problems.push(`not explained: ${inspect(error)}`);
    const again = await receiving.run();
    if (again.error !== undefined) problems.push(`not mended: ${inspect(again.error)}`);
    // What a failed sync may have lost has to come again.
    const isLost = call.includes('datasync');
    if (!isLost && again.brought > receiving.content.length - had) problems.push('lost content');
    problems.push(...(await receiving.wrongFiles()).map((file) => `${file} is wrong at the end`));
  }
  const seen = await visible(receiving.directory);
  const isLeftOut = call.startsWith('symlinkSync');
  const names = receiving.names.filter((name) => !(isLeftOut && name === 'd/to'));
  if (seen.join() !== names.join()) problems.push(`at the end there is ${seen.join()}`);
  const left = await receiving.leftBehind();
  const isRemoval = REMOVALS.test(call.split(' ')[0] ?? '');
  if (left.length > 0 && !isRemoval) problems.push(`left behind: ${left.join()}`);
  for (const folder of [receiving.directory, receiving.dataDir])
    await rm(folder, { recursive: true });
  return problems.map((problem) => `${call}: ${problem} (${inspect(error).slice(0, 200)})`);
}

/** Those that depend on how final names are given. */
const MOVES = /^\w+ OUT\/STAGING\/(d|solo)#|^(lstat|open|handle.close) OUT\/(d|solo)#/;

/** Those that make links, or copies where there are none. */
const LINKS = /^(linkSync|symlinkSync) |OUT\/STAGING\/d\/other#|^handle.read OUT\/STAGING/;

/** The calls of a transfer on a disk without faults; of what is asked about names, one of each kind. */
async function callsOf(scenario: Scenario): Promise<string[]> {
  const { calls, run } = await attempt(scenario);
  expect(run).toMatchObject({ error: undefined, received: { warnings: [] } });
  const asked = new Set<string>();
  return calls.filter((call) => {
    const name = call.split(' ')[0] ?? '';
    // Within rmSync.
    if (name === 'lstatSync' || name === 'rmdirSync') return false;
    if (!call.includes('PROBE')) return true;
    return !asked.has(name) && asked.add(name).size > 0;
  });
}

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
      const scenario = { ...options, disk: await mounted('tmpfs', DISK_BYTES) };
      const problems: string[] = [];
      const unexpected: string[] = [];
      const calls = await callsOf(scenario);
      const { isLinked = false, isTaken = false, isWithoutLinks = false } = scenario;
      const isFirst = !isLinked && !isTaken && !isWithoutLinks;
      const which = isLinked ? LINKS : MOVES;
      for (const call of isFirst ? calls : calls.filter((each) => which.test(each))) {
        const tries = [...HARD, ...SOFT].map(async (code) => {
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

  test.each([
    ['its content', 'handle.write OUT/STAGING/d/big#2'],
    ['its final names', 'link OUT/STAGING/solo#0'],
  ])(
    'at any one call, when it resumes in %s, does so as well',
    {
      timeout: TIMEOUT_MS,
    },
    async (_, begunUpTo) => {
      const disk = await mounted('tmpfs', DISK_BYTES);
      const scenario: Scenario = { conflict: 'rename', disk, begunUpTo };
      const problems: string[] = [];
      for (const call of await callsOf(scenario)) {
        // A record that this user may not open is not this user's.
        const codes = [...HARD, ...SOFT].filter(
          (code) => code !== 'EPERM' || !call.includes('DATA'),
        );
        const tries = codes.map(async (code) => {
          const tried = await attempt(scenario, (each) => (each === call ? code : undefined));
          problems.push(...(await problemsOf(tried, call)));
        });
        await Promise.all(tries);
      }
      expect(problems).toEqual([]);
    },
  );

  test('only by lacking links, times, modes and syncs gets everything, and is told', async () => {
    const scenario: Scenario = { conflict: 'rename', disk: await mounted('tmpfs', DISK_BYTES) };
    for (const code of [...SOFT, 'ENOTSUP', 'EOPNOTSUPP', 'EACCES']) {
      const { receiving, run } = await attempt(scenario, (call) =>
        /^(link|chmod|fchmodSync|futimesSync|handle.sync|handle.datasync) /.test(call)
          ? code
          : undefined,
      );
      expect(run.error, code).toBeUndefined();
      expect(run.received?.warnings, code).toEqual([
        'the file system does not keep times: those of 6 entries were not set',
        'the file system does not keep permissions: those of 6 entries were not set',
      ]);
      expect(await visible(receiving.directory), code).toEqual(NAMES);
      expect(await receiving.wrongFiles(), code).toEqual([]);
      expect(await receiving.leftBehind(), code).toEqual([]);
    }
  });

  test('from any call on does so as well', { timeout: TIMEOUT_MS }, async () => {
    const scenario: Scenario = { conflict: 'rename', disk: await mounted('tmpfs', DISK_BYTES) };
    const problems: string[] = [];
    for (const call of (await callsOf(scenario)).filter((each) => CHANGES.test(each))) {
      const tries = ['ENOSPC', 'EROFS', 'EIO'].map(async (code) => {
        let hasBegun = false;
        const tried = await attempt(scenario, (each) => {
          hasBegun ||= each === call;
          return hasBegun && CHANGES.test(each) ? code : undefined;
        });
        expect(['refused', 'kept']).toContain(outcomeOf(tried.run));
        // From there on syncs have failed too.
        problems.push(...(await problemsOf(tried, `${call} and handle.datasync`)));
      });
      await Promise.all(tries);
    }
    expect(problems).toEqual([]);
  });
});
