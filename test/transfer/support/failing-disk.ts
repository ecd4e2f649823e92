import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'vitest';
import { isResumable, OnionferryError } from '../../../src/base/errors.js';
import type { Conflict } from '../../../src/disk/commit.js';
import { hookFileCalls, systemError } from '../../support/file-calls.js';
import { mounted } from '../../support/mounts.js';
import { LINKED, labelOf, Receiving, type Run, visible } from './receiving.js';

/** A thousand transfers, on a busy machine. */
export const TIMEOUT_MS = 600_000;
const DISK_BYTES = 256 * 1024 * 1024;

/** What is really wrong with a disk. */
export const HARD: readonly string[] = ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EMFILE'];
/** What a file system says to a call that it does not have. */
export const SOFT: readonly string[] = ['ENOSYS', 'EPERM', 'EINVAL'];

/**
 * Of those eight, the ones that no code on this path treats alike. The other four change nothing but
 * a reason in a message, which the first test of `repeated-faults.slow.test.ts` holds:
 *
 * - EDQUOT is ENOSPC: `isDiskFull`
 * - EROFS and EMFILE are EIO: a failure, of which nothing else is known
 * - ENOSYS is EINVAL: `isUnsupported`. EPERM is that too, but may close a record for good
 *
 * In one scenario of `faults.slow.test.ts` each call fails with one of the other four, too.
 */
export const KINDS: readonly string[] = ['ENOSPC', 'EIO', 'EINVAL', 'EPERM'];

/** Calls that take something away: where one of them fails, something is left. */
const REMOVALS = /^(rm|rmdir|unlink)(Sync)?$/;

export interface Scenario {
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
export async function attempt(
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

/** A disk in memory, so that no sync takes time, until the test is over. */
export async function diskInMemory(): Promise<string> {
  return await mounted('tmpfs', DISK_BYTES);
}

export function outcomeOf({ error, received, brought, had }: Run): string {
  if (error === undefined) return received?.warnings.length === 0 ? 'whole' : 'whole, warned';
  if (isResumable(error)) return 'kept';
  return brought === 0 && had === 0 ? 'refused' : 'lost';
}

/** Everything that must hold whatever failed, after a second run on a disk that is well again. */
export async function problemsOf({ receiving, run }: Tried, call: string): Promise<string[]> {
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

/** The calls of a transfer on a disk without faults; of what is asked about names, one of each kind. */
export async function callsOf(scenario: Scenario): Promise<string[]> {
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
