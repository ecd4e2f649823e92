import type { OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import type { SocksEndpoint } from '../dial/dial-onion.js';
import type { OnInstallProgress } from '../program/progress.js';
import type { TorProgram } from '../program/tor-program.js';
import type { Publication, ServiceOptions } from '../service/publish.js';

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
  /** To be read at each dial: a tor that was started again may listen elsewhere. */
  readonly socks: SocksEndpoint;
  readonly version: string;
  /**
   * Resolves, never rejects, when tor has ended unasked and is not started again; never after
   * close().
   */
  readonly died: Promise<OnionferryError>;
  /** Resolves when the service can be found. @throws OnionferryError ERR_TOR_PUBLISH */
  publish(service: ServiceOptions): Promise<Publication>;
  /** Lets later connections use circuits of their own and look services up afresh (NEWNYM). */
  newCircuits(): Promise<void>;
  /**
   * Resolves when it can be dialled: at once, or when a tor that is away is back.
   *
   * @throws OnionferryError ERR_TOR_DIED if it does not come back; the signal's reason
   */
  ready(signal?: AbortSignal): Promise<void>;
  /**
   * Makes tor connect to its network afresh, when that has been gone or seems to be. It ends all
   * connections, and so is for those who have lost theirs. A tor of somebody else's is only asked
   * for new circuits.
   *
   * @returns whether circuits can be built now; a lasting tor goes on until they can
   */
  wake(): Promise<boolean>;
  /** Closes one circuit of a service's client, by the number that tor exports for it. */
  closeCircuit(circuit: number): Promise<void>;
  /** Ends the tor that was started, or leaves one that ran before as it was. */
  close(): Promise<void>;
}
