import { constants } from 'node:fs';
import { appendFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as v from 'valibot';
import { inPieces, jsonArray, Slices } from '../../base/slices.js';
import { systemCode } from '../../base/system-error.js';
import type { Move } from '../../disk/commit.js';
import { NO_LINK } from '../../disk/open-flags.js';
import { ExposedFile, readPrivateFile, replaceFile } from '../../disk/private-file.js';
import { unwritable, unwritableData } from '../../disk/unwritable.js';
import { FILE_BYTES_MAX } from './record.js';

/*
 * What a later process needs to finish giving names: a line of JSON for what was received, then one
 * for each move, noted before it is made, and now and then how many of them were made. A later line
 * for the same source replaces an earlier one.
 */

/** The last step of a transfer, once everything is verified and on disk. */
export interface PlannedMoves {
  readonly moves: readonly Move[];
  /** So many of them, from the first, were certainly made. */
  readonly done: number;
  /** SHA-256 of each file in lower-case hex, by index in the manifest. */
  readonly hashes: ReadonlyMap<number, string>;
  /** About what was left out. */
  readonly warnings: readonly string[];
}

/** A file that could not be created is not begun in the middle. */
const APPEND = constants.O_WRONLY | constants.O_APPEND | NO_LINK;

const names = v.pipe(v.array(v.pipe(v.string(), v.minLength(1))), v.minLength(1));
const moveSchema = v.pipe(
  v.union([v.strictTuple([names, names]), v.strictTuple([names, names, v.literal('replaces')])]),
  v.transform(([from, to, replaces]): Move => {
    return replaces === undefined ? { from, to } : { from, to, replaces: true };
  }),
);
const lineSchema = v.union([
  moveSchema,
  v.strictObject({ done: v.pipe(v.number(), v.safeInteger(), v.minValue(0)) }),
]);
const headSchema = v.strictObject({
  hashes: v.array(v.strictTuple([v.number(), v.pipe(v.string(), v.regex(/^([0-9a-f]{64})?$/))])),
  warnings: v.array(v.string()),
});

/**
 * The moves of one transfer, in a file beside its journal. None is made that could not be noted: a
 * later process would fetch again what has its final name already, and give it another one.
 */
export class MoveJournal {
  readonly #path: string;
  /** In the staging folder, if the data directory has no room. */
  readonly #instead: string;
  #isInstead = false;

  private constructor(path: string, instead: string) {
    this.#path = path;
    this.#instead = instead;
  }

  /** @param staging the folder that is written into */
  static beside(journal: string, staging: string): MoveJournal {
    return new MoveJournal(movesBeside(journal), join(staging, movesWithin(staging)));
  }

  /** Notes everything, durably, before the first move. @throws OnionferryError as `unwritable` */
  async create({ moves, hashes, warnings }: PlannedMoves): Promise<void> {
    const parts = function* (): Generator<string> {
      yield '{"hashes":';
      yield* jsonArray(hashes);
      yield `,"warnings":${JSON.stringify(warnings)}}\n`;
      yield* linesOf(moves);
    };
    try {
      await replaceFile(this.#path, inPieces(parts()));
    } catch (cause) {
      // An older one would be read first.
      const isWritten = await rm(this.#path, { force: true })
        .then(() => replaceFile(this.#instead, inPieces(parts())))
        .then(
          () => true,
          () => false,
        );
      if (!isWritten) throw unwritable(this.#path, cause);
      this.#isInstead = true;
    }
  }

  /** Notes moves before they are made instead of others. @throws OnionferryError as `unwritable` */
  async append(moves: readonly Move[]): Promise<void> {
    await this.#append([...linesOf(moves)].join('')).catch((cause: unknown) => {
      throw unwritable(this.#path, cause);
    });
  }

  /** Never throws: without it a later process looks at more of the final names. */
  async noteDone(done: number): Promise<void> {
    await this.#append(`${JSON.stringify({ done })}\n`).catch(() => undefined);
  }

  /**
   * @returns undefined if no process has come so far, or the file cannot be trusted
   * @throws OnionferryError ERR_DATA_DIRECTORY
   */
  async read(): Promise<PlannedMoves | undefined> {
    let text = await textOf(this.#path);
    if (text === undefined) {
      text = await textOf(this.#instead);
      this.#isInstead = text !== undefined;
    }
    if (text === undefined) return undefined;
    try {
      // Behind the last line break is one that a kill has cut short.
      const [head = '', ...lines] = text.split('\n').slice(0, -1);
      const { hashes, warnings } = v.parse(headSchema, JSON.parse(head), { abortEarly: true });
      const latest = new Map<string, Move>();
      let done = 0;
      const slices = new Slices();
      for (const line of lines) {
        const noted = v.parse(lineSchema, JSON.parse(line));
        if ('done' in noted) done = noted.done;
        else latest.set(noted.from.join('/'), noted);
        if (slices.isOver) await slices.next();
      }
      return { moves: [...latest.values()], done, hashes: new Map(hashes), warnings };
    } catch {
      // Then what is still in the staging folder is taken as it is, and the rest is fetched again.
      return undefined;
    }
  }

  async #append(lines: string): Promise<void> {
    await appendFile(this.#isInstead ? this.#instead : this.#path, lines, { flag: APPEND });
  }

  async remove(): Promise<void> {
    for (const path of [this.#path, this.#instead]) await rm(path, { force: true });
  }
}

/** @throws OnionferryError ERR_DATA_DIRECTORY */
async function textOf(path: string): Promise<string | undefined> {
  return await readPrivateFile(path, FILE_BYTES_MAX).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT' || error instanceof ExposedFile) return undefined;
    throw unwritableData(path, error);
  });
}

/** A name that nobody who sends can have foreseen. */
export function movesWithin(staging: string): string {
  return `${basename(staging)}.moves`;
}

export function movesBeside(journal: string): string {
  return `${journal}.moves`;
}

function* linesOf(moves: readonly Move[]): Generator<string> {
  for (const { from, to, replaces } of moves) {
    yield `${JSON.stringify(replaces ? [from, to, 'replaces'] : [from, to])}\n`;
  }
}
