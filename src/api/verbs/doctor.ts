import { OnionferryError } from '../../base/errors.js';
import { countText } from '../../base/quantities.js';
import { examine } from '../../tor/program/doctor.js';
import type { CheckEvent } from '../events.js';
import { type Handle, start, type Work } from '../handle.js';
import { openTor } from '../open-tor.js';
import { reachOf } from '../reach-of.js';
import type { Option, Settings } from '../settings.js';
import { settingsFor } from '../verb-options.js';

/** What `doctor` has checked. */
export type Check = Omit<CheckEvent, 'event'>;

/**
 * Finds out why this machine cannot reach the Tor network: checks the program, the data directory
 * and the clock, then starts tor and waits until it is connected.
 *
 * @example
 * ```ts
 * for (const { check, ok, detail, hint } of await doctor().done) console.log(check, ok, detail, hint);
 * ```
 */
export function doctor(...options: readonly Option<'doctor'>[]): Handle<readonly Check[]> {
  const settings = settingsFor('doctor', options);
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
    // With a running tor, no program is needed.
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
    const detail = `tor ${version} is connected to its network${wayOf(settings)}`;
    return { check, ok: true, detail };
  } catch (error) {
    work.signal.throwIfAborted();
    if (!(error instanceof OnionferryError)) throw error;
    // Which says what to install.
    if (error.code === 'ERR_TOR_TRANSPORT') return { check, ok: false, detail: error.message };
    const hint = hasBridges(settings)
      ? 'these bridges may be blocked or gone: try others, or another kind'
      : 'if Tor is blocked here, use bridges: --bridge snowflake, or lines from bridges.torproject.org in a file for --bridges FILE';
    return { check, ok: false, detail: error.message, hint };
  }
}

function hasBridges({ tor }: Settings): boolean {
  return tor.bridges !== undefined && tor.bridges.length > 0;
}

/** Kinds and numbers only: addresses of bridges and proxies are nobody's business. */
function wayOf({ tor }: Settings): string {
  const { bridges, proxy, ports } = reachOf(tor);
  const kinds = new Set(
    bridges.map((bridge) =>
      typeof bridge === 'string' ? bridge : (bridge.transport ?? 'undisguised'),
    ),
  );
  return [
    bridges.length === 0
      ? ''
      : `, by ${countText(bridges.length, 'bridge')} (${[...kinds].join(', ')})`,
    proxy === undefined ? '' : `, through a proxy (${proxy.kind})`,
    ports.length === 0 ? '' : `, over the ports ${ports.join(', ')}`,
  ].join('');
}
