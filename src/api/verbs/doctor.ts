import { OnionferryError } from '../../base/errors.js';
import { examine } from '../../tor/program/doctor.js';
import type { CheckEvent } from '../events.js';
import { type Handle, start, type Work } from '../handle.js';
import { openTor } from '../open-tor.js';
import { type Option, type Settings, settle } from '../settings.js';

export type Check = Omit<CheckEvent, 'event'>;

/**
 * Finds out what keeps this machine from reaching the Tor network: looks at the program, the data
 * directory and the clock, then starts tor and waits for its network.
 */
export function doctor(...options: readonly Option[]): Handle<readonly Check[]> {
  const settings = settle(options);
  return start((work) => run(settings, work), settings.signal);
}

async function run(settings: Settings, work: Work): Promise<readonly Check[]> {
  const { emit, signal } = work;
  const { program } = settings.tor;
  const { dataDir } = settings;
  const isAttached = settings.tor.running !== undefined;
  const checks: Check[] = [];
  const examined = await examine({ dataDir, signal, ...(program !== undefined && { program }) });
  for (const check of examined) {
    // A tor that runs already needs no program.
    if (isAttached && check.check === 'program') continue;
    checks.push(check);
    emit({ event: 'check', ...check });
  }
  if (!isAttached && checks.some(({ check, ok }) => check === 'program' && !ok)) return checks;
  const network = await reachNetwork(settings, work);
  checks.push(network);
  emit({ event: 'check', ...network });
  return checks;
}

async function reachNetwork(settings: Settings, work: Work): Promise<Check> {
  const check = 'network';
  try {
    await using open = await openTor(settings, work);
    const { version } = open.tor;
    return { check, ok: true, detail: `tor ${version} has reached its network` };
  } catch (error) {
    work.signal.throwIfAborted();
    if (!(error instanceof OnionferryError)) throw error;
    return {
      check,
      ok: false,
      detail: error.message,
      hint: 'where Tor is blocked, bridges help: put their lines into a file for --torrc',
    };
  }
}
