import { OnionferryError } from '../../base/errors.js';
import { childEnvironment } from './child-environment.js';
import { runProgram } from './run-program.js';

/** A tor that has answered `--version` on this machine. */
export interface TorProgram {
  /** Absolute path of the executable. */
  readonly path: string;
  /** Such as `0.4.9.11`. */
  readonly version: string;
  /** The LD_LIBRARY_PATH that this program needs, if any. */
  readonly libraryPath?: string;
  /** Where it was found: named by the user, in a vendor directory or in PATH. */
  readonly source: 'option' | 'vendored' | 'path';
}

/** The live network no longer accepts 0.4.8 and older. */
export const OLDEST_TOR_VERSION = '0.4.9';

/** A tor answers in some 20 ms; a machine under load takes longer. */
const ANSWER_DEADLINE_MS = 20_000;

/** The environment in which to start `program`, with the libraries that belong to it. */
export function torEnvironment(program: {
  readonly libraryPath?: string | undefined;
}): NodeJS.ProcessEnv {
  const environment = childEnvironment();
  if (program.libraryPath !== undefined) environment['LD_LIBRARY_PATH'] = program.libraryPath;
  return environment;
}

/**
 * Asks a program for its version, which also shows that it runs on this machine.
 *
 * @throws OnionferryError ERR_TOR_MISSING if it cannot be run or is not tor; the signal's reason
 */
export async function readTorVersion(
  path: string,
  options: { readonly libraryPath?: string | undefined; readonly signal?: AbortSignal | undefined },
): Promise<string> {
  const { signal } = options;
  let said: string;
  try {
    const result = await runProgram(path, ['--version'], {
      env: torEnvironment(options),
      deadlineMs: ANSWER_DEADLINE_MS,
      signal,
    });
    const version = /^Tor version (\d+(?:\.\d+){2,3}(?:-[\w.-]+?)?)(?:\.?\s|\.?$)/m.exec(
      result.stdout,
    )?.[1];
    if (version !== undefined && result.status === 0) return version;
    said = firstLine(result.stderr) ?? firstLine(result.stdout) ?? 'it said nothing';
  } catch (error) {
    signal?.throwIfAborted();
    said = error instanceof Error ? error.message : String(error);
  }
  throw new OnionferryError('ERR_TOR_MISSING', `${path} is not a tor that runs here (${said})`);
}

/** Whether the live network still accepts a tor of this version. */
export function isNewEnough(version: string): boolean {
  return compareVersions(version, OLDEST_TOR_VERSION) >= 0;
}

/** Negative if `a` is older than `b`; only the numbers count, not what follows them. */
export function compareVersions(a: string, b: string): number {
  const numbers = a.split(/[.-]/, 4).map(Number);
  for (const [index, other] of b.split(/[.-]/, 4).map(Number).entries()) {
    const difference = (numbers[index] ?? 0) - other;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** @param advice what to do about it, as the end of the sentence */
export function tooOld(path: string, version: string, advice: string): OnionferryError {
  return new OnionferryError(
    'ERR_TOR_TOO_OLD',
    `${path} is tor ${version}, and the Tor network no longer accepts a tor before ${OLDEST_TOR_VERSION}; ${advice}`,
  );
}

function firstLine(text: string): string | undefined {
  return /\S.*/.exec(text)?.[0].slice(0, 200);
}
