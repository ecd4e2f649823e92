import { runProgram } from './run.js';
import { torEnvironment } from './tor-program.js';

const LDD_DEADLINE_MS = 20_000;

/** Names of the shared libraries, such as `libevent-2.1.so.7`, that `program` would not find. */
export async function missingLibraries(
  program: string,
  libraryPath: string | undefined,
  signal?: AbortSignal,
): Promise<string[]> {
  const { stdout } = await runProgram('ldd', [program], {
    env: { ...torEnvironment(libraryPath === undefined ? {} : { libraryPath }), LC_ALL: 'C' },
    deadlineMs: LDD_DEADLINE_MS,
    signal,
  });
  const names = [...stdout.matchAll(/^\s*(\S+) => not found$/gm)].map((match) => match[1] ?? '');
  return [...new Set(names)];
}

/**
 * Which of the packages that tor depends on hold `missing`.
 *
 * Debian Policy 8.1 names a library package after the library's soname, so the name tells. Where
 * it does not for some library, every library package is taken: too many do no harm. Never libc:
 * one that does not belong to the system's loader breaks the program.
 *
 * @param dependencies the package names in `Depends` of what has been unpacked so far
 */
export function packagesWith(
  missing: readonly string[],
  dependencies: readonly string[],
): readonly string[] {
  const candidates = dependencies.filter((name) => name.startsWith('lib') && name !== 'libc6');
  const named = missing.map((soname) => {
    const expected = packageNames(soname);
    return candidates.filter((name) => expected.includes(name));
  });
  return named.some((packages) => packages.length === 0) ? candidates : [...new Set(named.flat())];
}

/** `libssl.so.3` → libssl3, `libevent-2.1.so.7` → libevent-2.1-7; t64 since the 64-bit time_t. */
function packageNames(soname: string): string[] {
  const [, library = soname, version = ''] = /^(.+)\.so\.?(.*)$/.exec(soname) ?? [];
  const base = library.toLowerCase().replaceAll('_', '-');
  const name = /\d$/.test(base) && version !== '' ? `${base}-${version}` : `${base}${version}`;
  return [name, `${name}t64`];
}
