import type { OnionferryError } from '../base/errors.js';
import { type Logger, silentLogger } from '../base/logger.js';
import { untilBootstrapped } from './bootstrap.js';
import { Cleanup } from './cleanup.js';
import type { SocksEndpoint } from './dial-onion.js';
import { attachTor } from './external-tor.js';
import { launchTor } from './own-tor.js';
import type { Publication, ServiceOptions } from './onion-service/publish.js';
import type { OnInstallProgress } from './program/progress.js';
import type { TorProgram } from './program/tor-program.js';
import { RunningTor } from './running-tor.js';

export interface StartTorOptions {
  readonly dataDir: string;
  /** The tor to start; by default the vendored one, one in PATH, or one that is installed now. */
  readonly program?: string | undefined;
  /** One that was found before; then none is looked for. */
  readonly found?: TorProgram | undefined;
  /** Lines added to its configuration: bridges, a proxy, a private network. */
  readonly torrc?: string | undefined;
  /** Uses a tor that runs already: `/path`, `unix:/path` or `host:port` of both its ports. */
  readonly external?: { readonly control: string; readonly socks: string } | undefined;
  readonly logger?: Logger | undefined;
  /** `percent` never goes back and ends at 100. */
  readonly onBootstrap?: ((percent: number, summary: string) => void) | undefined;
  readonly onInstall?: OnInstallProgress | undefined;
  /** Aborts the start; afterwards there is close(). */
  readonly signal?: AbortSignal | undefined;
  /** How long tor may stay at one percentage; default BOOTSTRAP_STALL_MS. */
  readonly bootstrapStallMs?: number | undefined;
}

/** A tor that is connected to its network. */
export interface Tor extends AsyncDisposable {
  readonly socks: SocksEndpoint;
  readonly version: string;
  /** Resolves, never rejects, when tor ends unasked; never after close(). */
  readonly died: Promise<OnionferryError>;
  /** Resolves when the service can be found. @throws OnionferryError ERR_TOR_PUBLISH */
  publish(service: ServiceOptions): Promise<Publication>;
  /** Lets later connections use circuits of their own and look services up afresh (NEWNYM). */
  newCircuits(): Promise<void>;
  /** Closes one circuit of a service's client, by the number that tor exports for it. */
  closeCircuit(circuit: number): Promise<void>;
  /** Ends the tor that was started, or leaves one that ran before as it was. */
  close(): Promise<void>;
}

/**
 * Starts a tor, or attaches to one that runs, and waits until it is connected.
 *
 * Each tor started has a data directory of its own, the first free below `dataDir`, which is kept
 * so that its guards stay the same.
 *
 * @throws OnionferryError ERR_TOR_MISSING, ERR_TOR_TOO_OLD or ERR_TOR_INSTALL without a program;
 *   ERR_TOR_START, ERR_TOR_DIED, ERR_TOR_CONTROL, ERR_TOR_BOOTSTRAP with tor's own last warning;
 *   the signal's reason. Whatever was opened is closed then.
 */
export async function startTor(options: StartTorOptions): Promise<Tor> {
  const { external, logger = silentLogger, signal } = options;
  const cleanup = new Cleanup();
  try {
    const base =
      external === undefined
        ? await launchTor(options, logger, cleanup)
        : await attachTor(external, signal, cleanup);
    const tor = new RunningTor(base, logger, cleanup);
    await tor.whileAlive(
      (alive) =>
        untilBootstrapped(base.connection, {
          onBootstrap: options.onBootstrap,
          stallMs: options.bootstrapStallMs,
          lastWarning: base.lastWarning,
          logger,
          signal: alive,
        }),
      signal,
    );
    return tor;
  } catch (error) {
    await cleanup
      .run()
      .catch((leftover: unknown) => logger.debug(`closing tor: ${String(leftover)}`));
    throw error;
  }
}
