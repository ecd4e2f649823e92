import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { untilAborted } from '../../base/deadline.js';
import { type Deferred, deferred } from '../../base/deferred.js';
import { OnionferryError } from '../../base/errors.js';
import { printable } from '../../base/printable.js';
import { childEnvironment } from '../../tor/program/child-environment.js';
import { runProgram } from '../../tor/program/run-program.js';
import { UploadRefusal } from './upload-refusal.js';
import type { StagedUpload } from './upload-writer.js';

/** A command that looks at each upload before it becomes visible. */
export interface CheckCommand {
  /** A program and its arguments; no shell reads them. */
  readonly command: readonly [program: string, ...args: string[]];
  /** After so long it is killed, with everything it has started */
  readonly limitMs: number;
}

/** Scanners are greedy, and an inbox may finish hundreds of uploads at once. */
const AT_ONCE = 2;
/** Names and hashes beyond so much are told on standard input alone: Linux takes 128 KiB in a variable. */
const VARIABLE_MAX_BYTES = 64 * 1024;
/**
 * It could not look: EX_TEMPFAIL of sysexits.h, and what a shell says of a program that it cannot
 * run or find. The upload is not to blame, and may come again.
 */
const NOT_CHECKED: ReadonlySet<number> = new Set([75, 126, 127]);
const PASSWORDS = /^ONIONFERRY_.*PASSWORD$/i;
/** Of what the command says when it refuses, in UTF-16 code units */
const TOLD_MAX = 500;

export interface UploadCheckOptions extends CheckCommand {
  /** Hears why an upload was refused; safe to print. */
  readonly onRefused: (message: string) => void;
  /** Whether names, and what the command says, are kept from `onRefused` */
  readonly tellsNames: boolean;
}

/** Runs the command, two at a time. */
export class UploadCheck implements Disposable {
  readonly #options: UploadCheckOptions;
  readonly #end = new AbortController();
  readonly #waiting = new Set<Deferred<undefined>>();
  #running = 0;

  constructor(options: UploadCheckOptions) {
    this.#options = options;
  }

  /**
   * @param id of the upload
   * @param signal kills the command
   * @throws UploadRefusal check-refused, check-failed; the signal's reason
   */
  async look(id: string, upload: StagedUpload, signal?: AbortSignal): Promise<void> {
    const ends = [this.#end.signal, ...(signal === undefined ? [] : [signal])];
    const end = AbortSignal.any(ends);
    await this.#turn(end);
    try {
      await this.#look(id, upload, end);
    } finally {
      this.#give();
    }
  }

  /** Kills what runs, and refuses what comes. */
  [Symbol.dispose](): void {
    this.#end.abort(new OnionferryError('ERR_INTERRUPTED', 'the inbox was closed'));
  }

  async #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#running < AT_ONCE) {
      this.#running++;
      return;
    }
    const turn = deferred<undefined>();
    this.#waiting.add(turn);
    try {
      await untilAborted(turn.promise, signal);
    } catch (error) {
      // If the turn was given at the same moment, it must be passed on.
      if (!this.#waiting.delete(turn)) this.#give();
      throw error;
    }
  }

  #give(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#running--;
      return;
    }
    this.#waiting.delete(next);
    next.resolve(undefined);
  }

  async #look(id: string, upload: StagedUpload, signal: AbortSignal): Promise<void> {
    const { command, limitMs, tellsNames, onRefused } = this.#options;
    const [program, ...args] = command;
    const before = await marksOf(upload);
    let status: number | null;
    let said: string;
    try {
      const ended = await runProgram(program, args, {
        env: {
          ...childEnvironment((name) => PASSWORDS.test(name)),
          ...variablesOf(id, upload),
        },
        // Not where the upload lies: Python, for one, would import what a stranger has called json.py.
        cwd: path.parse(upload.folder).root,
        input: `${JSON.stringify({ id, folder: upload.folder, files: upload.files })}\n`,
        deadlineMs: limitMs,
        signal,
      });
      status = ended.status;
      said = ended.stderr.trim() || ended.stdout.trim();
    } catch (error) {
      signal.throwIfAborted();
      onRefused(`upload ${id} could not be checked: ${reasonOf(error)}`);
      throw new UploadRefusal({ kind: 'check-failed' });
    }
    if (status === 0) {
      // Its hashes were told already, and a file that is gone would be left out in silence.
      if ((await marksOf(upload)) === before) return;
      onRefused(`upload ${id} is refused: the command has changed its files`);
      throw new UploadRefusal({ kind: 'check-failed' });
    }
    const words = tellsNames && said !== '' ? `: ${printable(said.slice(0, TOLD_MAX))}` : '';
    if (status !== null && NOT_CHECKED.has(status)) {
      onRefused(`upload ${id} could not be checked: the command ended with ${status}${words}`);
      throw new UploadRefusal({ kind: 'check-failed' });
    }
    const how = status === null ? 'the command was killed' : `the command ended with ${status}`;
    onRefused(`upload ${id} is refused: ${how}${words}`);
    throw new UploadRefusal({ kind: status === null ? 'check-failed' : 'check-refused' });
  }
}

/** Equal as long as nobody has touched the files. */
async function marksOf({ folder, files }: StagedUpload): Promise<string> {
  const marks: string[] = [];
  for (const file of files) {
    const stats = await lstat(path.join(folder, file.path), { bigint: true }).catch(
      () => undefined,
    );
    const { ino, size, mtimeNs } = stats ?? {};
    marks.push(stats?.isFile() === true ? `${ino}-${size}-${mtimeNs}` : 'gone');
  }
  return marks.join(' ');
}

/** Names are legal here, so they have no line breaks; apart from that they are the visitor's choice. */
function variablesOf(id: string, { folder, files }: StagedUpload): Record<string, string> {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const [only, ...more] = files;
  const isOne = only !== undefined && more.length === 0;
  const lists = {
    ONIONFERRY_UPLOAD_NAMES: files.map((file) => file.path).join('\n'),
    ONIONFERRY_UPLOAD_SHA256: files.map((file) => file.sha256).join('\n'),
  };
  const fits = Object.values(lists).every((list) => Buffer.byteLength(list) <= VARIABLE_MAX_BYTES);
  return {
    ONIONFERRY_UPLOAD_ID: id,
    ONIONFERRY_UPLOAD_PATH: isOne ? path.join(folder, only.path) : folder,
    ONIONFERRY_UPLOAD_FILES: String(files.length),
    ONIONFERRY_UPLOAD_BYTES: String(bytes),
    ...(fits && lists),
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
