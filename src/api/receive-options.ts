import type { Writable } from 'node:stream';
import type { Conflict } from '../disk/commit.js';
import { isHarmless, localName } from '../disk/names/local-name.js';
import {
  assertFunctions,
  assertGiven,
  assertHas,
  assertPatterns,
  usageError,
} from './option-values.js';
import { CONFLICTS } from './options.js';
import {
  type Accept,
  type AnotherPassword,
  type Option,
  type ReceivingVerb,
  set,
} from './settings.js';

/**
 * `receive` fetches only what matches: patterns in the form of `.gitignore`, such as `*.pdf` or
 * `photos/2024/`. Repeated options add up.
 */
export function withOnly(...patterns: readonly string[]): Option<ReceivingVerb> {
  assertPatterns(patterns);
  return (settings) => {
    settings.only = [...settings.only, ...patterns];
  };
}

/** `receive` writes into `directory`, which is created if it is missing. */
export function withOutput(directory: string): Option<ReceivingVerb> {
  assertGiven(directory, 'the output folder');
  return set({ output: { kind: 'folder', directory } });
}

/** `receive` gives the single file or folder that is offered this name, and refuses several. */
export function withOutputName(name: string): Option<ReceivingVerb> {
  if (!isHarmless(name, process.platform) || localName(name, process.platform) !== name) {
    throw usageError('the name for what is received must be that of a file, without a folder');
  }
  return set({ outputName: name });
}

/** `receive` writes the only file of a transfer to `stream`, and leaves the stream open. */
export function withOutputStream(stream: Writable): Option<ReceivingVerb> {
  assertHas(stream, ['write', 'end'], 'the output must be a writable stream');
  return set({ output: { kind: 'stream', stream } });
}

/** What `receive` does when a name exists already. */
export function withConflict(conflict: Conflict): Option<ReceivingVerb> {
  if (!CONFLICTS.includes(conflict)) {
    throw usageError(`the conflict rule must be one of ${CONFLICTS.join(', ')}`);
  }
  return set({ conflict });
}

/** Called before anything is written; without it every offer is accepted. */
export function withAccept(accept: Accept): Option<ReceivingVerb> {
  assertFunctions([accept], 'what decides on offers must be a function');
  return set({ accept });
}

/**
 * Asks for another password when `receive` was given a wrong one, instead of failing with
 * ERR_PASSWORD. Each answer is one more guess, and senders let few be made.
 */
export function withAnotherPassword(ask: AnotherPassword): Option<'receive'> {
  return set({ anotherPassword: ask });
}
