import { constants } from 'node:fs';
import { appendFile, rm } from 'node:fs/promises';
import * as v from 'valibot';
import { inPieces, jsonArray, Slices } from '../../base/slices.js';
import { systemCode } from '../../base/system-error.js';
import type { Move } from '../../disk/commit.js';
import { NO_LINK } from '../../disk/open-flags.js';
import { ExposedFile, readPrivateFile, replaceFile } from '../../disk/private-file.js';
import { unwritableData } from '../../disk/unwritable.js';
import { FILE_BYTES_MAX } from './record.js';

/*
 * What a later process needs to finish giving names: a line of JSON for what was received, then one
 * for each move, noted before it is made. A later line for the same source replaces an earlier one.
 */

/** The last step of a transfer, once everything is verified and on disk. */
export interface PlannedMoves {
  readonly moves: readonly Move[];
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
const headSchema = v.strictObject({
  hashes: v.array(v.strictTuple([v.number(), v.pipe(v.string(), v.regex(/^([0-9a-f]{64})?$/))])),
  warnings: v.array(v.string()),
});

/**
 * The moves of one transfer, in a file beside its journal. What cannot be noted is not: only a kill
 * before the last move would cost anything.
 */
export class MoveJournal {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  static beside(journal: string): MoveJournal {
    return new MoveJournal(movesBeside(journal));
  }

  /** Notes everything, durably, before the first move. */
  async create({ moves, hashes, warnings }: PlannedMoves): Promise<void> {
    const parts = function* (): Generator<string> {
      yield '{"hashes":';
      yield* jsonArray(hashes);
      yield `,"warnings":${JSON.stringify(warnings)}}\n`;
      yield* linesOf(moves);
    };
    await replaceFile(this.#path, inPieces(parts())).catch(() => undefined);
  }

  async append(moves: readonly Move[]): Promise<void> {
    await appendFile(this.#path, [...linesOf(moves)].join(''), { flag: APPEND }).catch(
      () => undefined,
    );
  }

  /**
   * @returns undefined if no process has come so far, or the file cannot be trusted
   * @throws OnionferryError ERR_DATA_DIRECTORY
   */
  async read(): Promise<PlannedMoves | undefined> {
    const text = await readPrivateFile(this.#path, FILE_BYTES_MAX).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT' || error instanceof ExposedFile) return undefined;
      throw unwritableData(this.#path, error);
    });
    if (text === undefined) return undefined;
    try {
      // Behind the last line break is one that a kill has cut short.
      const [head = '', ...lines] = text.split('\n').slice(0, -1);
      const { hashes, warnings } = v.parse(headSchema, JSON.parse(head), { abortEarly: true });
      const latest = new Map<string, Move>();
      const slices = new Slices();
      for (const line of lines) {
        const move = v.parse(moveSchema, JSON.parse(line));
        latest.set(move.from.join('/'), move);
        if (slices.isOver) await slices.next();
      }
      return { moves: [...latest.values()], hashes: new Map(hashes), warnings };
    } catch {
      // Then what is still in the staging folder is taken as it is, and the rest is fetched again.
      return undefined;
    }
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}

export function movesBeside(journal: string): string {
  return `${journal}.moves`;
}

function* linesOf(moves: readonly Move[]): Generator<string> {
  for (const { from, to, replaces } of moves) {
    yield `${JSON.stringify(replaces ? [from, to, 'replaces'] : [from, to])}\n`;
  }
}
