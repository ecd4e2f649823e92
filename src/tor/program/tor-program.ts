/** A tor that has answered `--version` on this machine. */
export interface TorProgram {
  /** Absolute path of the executable. */
  readonly path: string;
  /** As it names itself, such as `0.4.9.11`. */
  readonly version: string;
  /** What LD_LIBRARY_PATH has to be for this program alone, if it needs it. */
  readonly libraryPath?: string;
  /** Who named it: the user, the vendor directory or PATH. */
  readonly source: 'option' | 'vendored' | 'path';
}

/**
 * The environment in which to start `program`: this process's own without our variables (some
 * hold secrets), and with the libraries that belong to the program.
 */
export function torEnvironment(program: Pick<TorProgram, 'libraryPath'>): NodeJS.ProcessEnv {
  const environment = ownEnvironment();
  if (program.libraryPath !== undefined) environment['LD_LIBRARY_PATH'] = program.libraryPath;
  return environment;
}

/** This process's environment as any child may see it. */
export function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('ONIONFERRY_')),
  );
}
