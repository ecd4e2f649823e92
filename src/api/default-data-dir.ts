import { homedir } from 'node:os';
import { join } from 'node:path';
import { OnionferryError } from '../base/errors.js';

/**
 * Where identities, Tor's state and an installed tor are kept unless set otherwise, by the customs of
 * each system (on Linux the XDG Base Directory Specification).
 *
 * @throws OnionferryError ERR_DATA_DIRECTORY if the user has no home
 */
export function defaultDataDir(): string {
  const { env, platform } = process;
  if (platform === 'win32') {
    return join(
      given(env['LOCALAPPDATA']) ?? join(home(), 'AppData', 'Local'),
      'onionferry',
      'Data',
    );
  }
  if (platform === 'darwin') return join(home(), 'Library', 'Application Support', 'onionferry');
  return join(given(env['XDG_DATA_HOME']) ?? join(home(), '.local', 'share'), 'onionferry');
}

function given(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

/** @throws OnionferryError if neither HOME nor the system's list of users has it */
function home(): string {
  try {
    const directory = homedir();
    if (directory !== '') return directory;
  } catch {
    // Neither: said below.
  }
  throw new OnionferryError(
    'ERR_DATA_DIRECTORY',
    'there is no home folder to keep identities in; name a folder with --data-dir or ONIONFERRY_HOME',
  );
}
