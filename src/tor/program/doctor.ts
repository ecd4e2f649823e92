import { access, constants, mkdtemp, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCode } from '../../base/system-error.js';
import { readBundles } from './bundles.js';
import { type FindTorOptions, findTor } from './find-tor.js';

/** The result of one check of this machine. */
export interface DoctorResult {
  readonly check: 'program' | 'data-directory' | 'clock';
  readonly ok: boolean;
  /** What was found, as a sentence without a full stop. */
  readonly detail: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** tor keeps some 20 MB of directory information; with less room it fails in odd ways. */
const FREE_MIN_BYTES = 64 * 1024 * 1024;

/**
 * Checks what can be checked before a tor is started. Changes nothing.
 *
 * @param now what the clock says, in milliseconds since the epoch
 * @throws only the signal's reason; everything else is a result
 */
export async function examine(
  options: FindTorOptions,
  now: number = Date.now(),
): Promise<readonly DoctorResult[]> {
  return [
    await examineProgram(options),
    await examineDataDirectory(options.dataDir),
    await examineClock(now),
  ];
}

async function examineProgram(options: FindTorOptions): Promise<DoctorResult> {
  const check = 'program';
  try {
    const { path, version, source } = await findTor(options);
    const origin = {
      option: 'as asked for',
      vendored: 'installed by onionferry',
      path: 'from PATH',
    }[source];
    return { check, ok: true, detail: `tor ${version} is at ${path} (${origin})` };
  } catch (error) {
    options.signal?.throwIfAborted();
    return { check, ok: false, detail: messageOf(error) }; // which says what to do
  }
}

async function examineDataDirectory(dataDir: string): Promise<DoctorResult> {
  const check = 'data-directory';
  const no = (detail: string, hint: string): DoctorResult => ({ check, ok: false, detail, hint });
  try {
    const there = await nearestExisting(dataDir);
    const found = await stat(there);
    if (!found.isDirectory()) {
      return no(`${there} is not a directory`, 'choose another one with --data-dir');
    }
    await access(there, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(there);
    if (bavail * bsize < FREE_MIN_BYTES) {
      return no(`there is hardly any space left for ${dataDir}`, 'free some, or use --data-dir');
    }
    if (there !== dataDir) return { check, ok: true, detail: `${dataDir} can be created` };
    // access() knows nothing of quotas and the like; writing does.
    await rm(await mkdtemp(join(dataDir, '.doctor-')), { recursive: true });
    if (process.getuid !== undefined && found.uid !== process.getuid()) {
      return no(`${dataDir} belongs to another user, so tor refuses it`, 'chown it to yourself');
    }
    if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
      return no(`other users can read ${dataDir}`, `run "chmod 700 ${dataDir}"`);
    }
    return { check, ok: true, detail: `${dataDir} is private and can be written to` };
  } catch (error) {
    return no(messageOf(error), 'make it writable, or choose another one with --data-dir');
  }
}

/** A clock that is slow shows by a date that it has not reached; one that is fast does not show. */
async function examineClock(now: number): Promise<DoctorResult> {
  const check = 'clock';
  const { released, version } = await readBundles();
  const time = new Date(now).toISOString().slice(0, 16).replace('T', ' ');
  if (now >= Date.parse(released)) {
    return { check, ok: true, detail: `this machine's clock says ${time} UTC` };
  }
  return {
    check,
    ok: false,
    detail: `this machine's clock says ${time} UTC, which is before Tor Expert Bundle ${version} was made`,
    hint: 'set the clock: tor needs it to be right within half an hour or so',
  };
}

/** `path`, or the closest directory above it that exists. */
async function nearestExisting(path: string): Promise<string> {
  try {
    await stat(path);
    return path;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
    return await nearestExisting(dirname(path));
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
