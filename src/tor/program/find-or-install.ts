import { hasCode, OnionferryError } from '../../base/errors.js';
import { type FindTorOptions, findTor } from './find.js';
import { type InstallTorOptions, installTor } from './install.js';
import type { TorProgram } from './tor-program.js';

/**
 * The tor to use, installed if there is none that the network takes.
 *
 * @throws what findTor throws about `program`, if one was asked for; else what installTor throws,
 *   with the tor in PATH that is too old named first
 */
export async function findOrInstallTor(
  options: FindTorOptions & InstallTorOptions,
): Promise<TorProgram> {
  try {
    return await findTor(options);
  } catch (error) {
    if (options.program !== undefined) throw error;
    if (!hasCode(error, 'ERR_TOR_MISSING', 'ERR_TOR_TOO_OLD')) throw error;
    try {
      return await installTor(options);
    } catch (failure) {
      if (error.code !== 'ERR_TOR_TOO_OLD' || !hasCode(failure, 'ERR_TOR_INSTALL')) throw failure;
      throw new OnionferryError(failure.code, `${error.message}. ${failure.message}`, {
        cause: failure,
      });
    }
  }
}
