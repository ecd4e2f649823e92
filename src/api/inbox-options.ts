import { resolve } from 'node:path';
import { assertKnown, checkCount, isText, usageError } from './option-values.js';
import { type Option, set } from './settings.js';

/** As the library that encrypts will check it to the last character. */
const RECIPIENT = /^age1[0-9a-z]{50,4000}$/;
const RECIPIENTS_MAX = 20;
/** Tor Browser waits five minutes for an answer. */
const CHECK_DEFAULT_MS = 2 * 60_000;
const CHECK_MAX_MS = 24 * 60 * 60_000;
/** A century */
const PURGE_MAX_MS = 100 * 366 * 24 * 60 * 60_000;

/**
 * An inbox encrypts what it takes to these age recipients (`age1…`) while it arrives, so that the
 * machine that runs it cannot read it afterwards. Files get the ending `.age`; their names, sizes
 * and times stay readable. Uploads that are not complete are lost when the inbox ends.
 */
export function withEncryption(...recipients: readonly string[]): Option<'inbox'> {
  const areFit =
    recipients.length >= 1 &&
    recipients.length <= RECIPIENTS_MAX &&
    recipients.every((recipient) => isText(recipient, RECIPIENT));
  // What was given may be a secret key by mistake.
  if (!areFit) throw usageError('an age recipient is "age1…", as age-keygen prints it');
  return set({ encryptTo: recipients });
}

/** A program for each upload. */
export interface UploadCheckSettings {
  /** The program and its arguments. No shell reads them. */
  readonly command: readonly [program: string, ...args: string[]];
  /** In ms; then it is killed and the upload refused. Two minutes unless set. */
  readonly limitMs?: number;
}

/**
 * An inbox runs this program for each upload that is complete, before its files get their names, and
 * saves it only if the program ends with status 0.
 *
 * The program finds the upload in the environment: `ONIONFERRY_UPLOAD_ID`, `ONIONFERRY_UPLOAD_PATH`
 * (of the file, or of a folder if there are several), `ONIONFERRY_UPLOAD_FILES` (how many),
 * `ONIONFERRY_UPLOAD_BYTES`, and, unless they are too long, `ONIONFERRY_UPLOAD_NAMES` and
 * `ONIONFERRY_UPLOAD_SHA256`, one a line. On standard input is a line of JSON with `id`, `folder`
 * and `files` (`path`, `bytes`, `sha256`). It may read the files, and must not change them. Two run
 * at a time, in `/`; a program given by a relative path is looked for from the current folder.
 */
export function withUploadCheck(check: UploadCheckSettings): Option<'inbox'> {
  assertKnown(check, ['command', 'limitMs'], 'withUploadCheck()');
  const { command, limitMs = CHECK_DEFAULT_MS } = check;
  // Callers without TypeScript pass anything.
  const parts: unknown = command;
  const isCommand = Array.isArray(parts) && parts.every((part) => typeof part === 'string');
  if (!isCommand || (parts[0] ?? '') === '') {
    throw usageError('the command for uploads must be a program with its arguments');
  }
  const [program, ...args] = command;
  // It runs elsewhere.
  const found = program.includes('/') ? resolve(program) : program;
  return set({
    uploadCheck: {
      command: [found, ...args],
      limitMs: checkCount(limitMs, 'the time for a check', CHECK_MAX_MS),
    },
  });
}

/**
 * An inbox removes files this long after it has received them, in ms: only those that it has noted
 * itself since it was first given this option, and only if they are still where and as it put them.
 */
export function withPurgeAfter(ms: number): Option<'inbox'> {
  return set({
    purgeAfterMs: checkCount(ms, 'the time after which files are removed', PURGE_MAX_MS),
  });
}

/** An inbox tells no names and no hashes of files, neither in events nor in logs and warnings. */
export function withoutNames(): Option<'inbox'> {
  return set({ tellsNames: false });
}
