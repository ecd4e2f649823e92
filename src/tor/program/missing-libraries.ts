import { runProgram } from './run-program.js';
import { torEnvironment } from './tor-program.js';

const LDD_DEADLINE_MS = 20_000;

/** Names of the shared libraries that `program` would not find, such as `libevent-2.1.so.7`. */
export async function missingLibraries(
  program: string,
  libraryPath: string | undefined,
  signal?: AbortSignal,
): Promise<string[]> {
  const { stdout } = await runProgram('ldd', [program], {
    env: { ...torEnvironment({ libraryPath }), LC_ALL: 'C' },
    deadlineMs: LDD_DEADLINE_MS,
    signal,
  });
  const names = [...stdout.matchAll(/^\s*(\S+) => not found$/gm)].map((match) => match[1] ?? '');
  return [...new Set(names)];
}

/**
 * Which packages to try for `missing` libraries.
 *
 * Debian Policy 8.1 names a library package after its soname, so the name can be derived. Packages
 * with several libraries are found by one of them. If no name fits, all libraries are taken: too
 * many do no harm. Never libc: one that does not match the system's loader breaks the program.
 *
 * @param available the packages that tor and its libraries depend on and that are not yet here
 */
export function packagesWith(
  missing: readonly string[],
  available: readonly string[],
): readonly string[] {
  const candidates = available.filter((name) => /^z?lib/.test(name) && !/^libc\d/.test(name));
  const expected = new Set(missing.flatMap(packageNames));
  const named = candidates.filter((name) => expected.has(name));
  return named.length > 0 ? named : candidates;
}

/** `libssl.so.3` → libssl3, `libevent-2.1.so.7` → libevent-2.1-7; t64 since the 64-bit time_t. */
function packageNames(soname: string): string[] {
  const [, library = soname, version = ''] = /^(.+)\.so\.?(.*)$/.exec(soname) ?? [];
  const base = library.toLowerCase().replaceAll('_', '-');
  const name = /\d$/.test(base) && version !== '' ? `${base}-${version}` : `${base}${version}`;
  return [name, `${name}t64`];
}
