import type { OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import type { OnionAddress } from '../../onion/address.js';
import type { ClientKey } from '../../onion/client-key.js';
import type { TorEndpoint } from '../control/endpoint.js';
import type { PresentedKey } from '../dial/present-key.js';
import type { OnInstallProgress } from '../program/install-progress.js';
import type { TorProgram } from '../program/tor-program.js';
import type { Reach } from '../reach/reach.js';
import type { Publication, ServiceOptions } from '../service/publish.js';
import type {
  EphemeralPublication,
  EphemeralServiceOptions,
} from '../service/publish-ephemeral.js';

/** A tor that somebody else has started. */
export interface ExternalTor {
  /** `/path`, `unix:/path` or `host:port`; or `auto`: the first that lets us in. */
  readonly control: string;
  /** Default: what it says that it listens on. */
  readonly socks?: string | undefined;
  /** Of its control port, if it asks for one. */
  readonly password?: string | undefined;
}

/** How to have a tor: which, and what to call while it starts and runs. */
export interface StartTorOptions {
  readonly dataDir: string;
  /** The tor to start; default is the vendored one, one in PATH, or one that is then installed. */
  readonly program?: string | undefined;
  /** A tor found before; then none is looked for. */
  readonly found?: TorProgram | undefined;
  /** Lines added to its configuration, such as those of a private network. */
  readonly torrc?: string | undefined;
  /** Bridges, a proxy, a firewall; not for a running tor. */
  readonly reach?: Reach | undefined;
  /** A running tor to use instead. */
  readonly external?: ExternalTor | undefined;
  readonly logger?: Logger | undefined;
  /** `percent` never goes back and ends at 100. */
  readonly onBootstrap?: ((percent: number, summary: string) => void) | undefined;
  /**
   * tor knows enough relays to be dialled, and is not connected yet: a dial waits for that. Not
   * called for a tor that is connected already.
   */
  readonly onDialable?: ((socks: TorEndpoint) => void) | undefined;
  readonly onInstall?: OnInstallProgress | undefined;
  /** Aborts the start; afterwards use close(). */
  readonly signal?: AbortSignal | undefined;
  /** How long tor may stay at one percentage; default BOOTSTRAP_STALL_MS. */
  readonly bootstrapStallMs?: number | undefined;
  /** tor has ended, or has lost its network, and is being restarted. */
  readonly onAway?: ((reason: string) => void) | undefined;
  /** It is back, and so are all its services. */
  readonly onBack?: (() => void) | undefined;
}

/** A tor that is connected to its network. */
export interface Tor extends AsyncDisposable {
  /** Read it at each dial: a tor that was restarted may listen elsewhere. */
  readonly socks: TorEndpoint;
  readonly version: string;
  /**
   * Resolves, never rejects, when tor has ended by itself and is not restarted; never after
   * close().
   */
  readonly died: Promise<OnionferryError>;
  /** Resolves when clients can find the service. @throws OnionferryError ERR_TOR_PUBLISH */
  publish(service: ServiceOptions): Promise<Publication>;
  /**
   * Resolves when clients can find a service at an address of its own, which is not published again
   * when tor is restarted. @throws OnionferryError ERR_TOR_PUBLISH
   */
  publishEphemeral(service: EphemeralServiceOptions): Promise<EphemeralPublication>;
  /**
   * Shows this key at a private address, in each run of tor, until it is closed.
   *
   * @throws OnionferryError ERR_TOR_CONTROL, ERR_KEY as presentKey does; ERR_KEY if another key is
   *   shown there already
   */
  presentKey(onion: OnionAddress, key: ClientKey): Promise<PresentedKey>;
  /** Later connections use new circuits and look services up again (NEWNYM). */
  newCircuits(): Promise<void>;
  /**
   * Resolves when it can be dialled: at once, or when a tor that is being restarted is back.
   *
   * @throws OnionferryError ERR_TOR_DIED if it does not come back; the signal's reason
   */
  ready(signal?: AbortSignal): Promise<void>;
  /**
   * Makes tor reconnect to its network, for when that was away or seems to be. It ends all
   * connections, so call it only when yours are lost. A tor of somebody else's is only asked for
   * new circuits.
   *
   * @returns whether circuits can be built now; a supervised tor keeps trying until they can
   */
  wake(): Promise<boolean>;
  /** Closes one circuit of a service's client, by the number that tor exports for it. */
  closeCircuit(circuit: number): Promise<void>;
  /** Ends a tor that we started; detaches from one that ran before. */
  close(): Promise<void>;
}
