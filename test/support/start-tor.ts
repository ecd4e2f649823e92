import { Cleanup } from '../../src/base/cleanup.js';
import { silentLogger } from '../../src/base/logger.js';
import { prepareTor } from '../../src/tor/instance/prepare-tor.js';
import type { StartTorOptions, Tor } from '../../src/tor/instance/tor.js';

/** One run of a tor, without a supervisor: for tests of a run, and for tors that are only dialled. */
export async function startTor(options: StartTorOptions): Promise<Tor> {
  const cleanup = new Cleanup();
  try {
    const start = await prepareTor(options, cleanup);
    return await start(cleanup, options);
  } catch (error) {
    await cleanup.runAfterFailure(options.logger ?? silentLogger);
    throw error;
  }
}
