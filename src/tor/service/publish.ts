import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Cleanup } from '../../base/cleanup.js';
import { OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { createRunDirectory } from '../../disk/run-directory.js';
import type { OnionAddress } from '../../onion/address.js';
import { type AdmittedClients, formatAuthorizedClient } from '../../onion/client-key.js';
import { hiddenServiceSecretKey, type Identity } from '../../onion/identity.js';
import type { ControlConnection } from '../control/connection.js';
import { OnlineWatch } from './online-watch.js';
import { ServiceList, type ServicePort, STREAMS_PER_CIRCUIT } from './service-list.js';

export interface ServiceOptions {
  readonly identity: Identity;
  readonly ports: readonly ServicePort[];
  /** Who alone can reach it, by tor's client authorisation; default everybody. */
  readonly clients?: AdmittedClients | undefined;
  /**
   * Default true, on a tor of our own. It ends when another service is added to or removed from the
   * same tor; see ServiceList.
   */
  readonly proofOfWork?: boolean;
  /** Streams that one circuit of a client may have open; default STREAMS_PER_CIRCUIT. */
  readonly streamsPerCircuit?: number;
  /** An address that Onionbalance publishes, whose clients this service takes as well. */
  readonly front?: OnionAddress | undefined;
  /** Called for each directory that has accepted a descriptor, with their number so far. */
  readonly onUploaded?: ((uploaded: number) => void) | undefined;
  /** Called before it is published again on a tor that was restarted, and counts circuits anew. */
  readonly onNewTor?: (() => void) | undefined;
  /** Default PUBLISH_DEADLINE_MS. */
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An onion service that is online until it is closed. */
export interface Publication {
  readonly onion: OnionAddress;
  /** Takes the service down and removes its key from the disk. */
  close(): Promise<void>;
}

interface PublisherOptions {
  /** Whether nobody else changes this tor's services: otherwise proof of work is a danger. */
  readonly isOurs: boolean;
  readonly logger: Logger;
}

/** Publishes services on one tor, which has to run as this user: their keys are private to them. */
export class Publisher {
  readonly #connection: ControlConnection;
  readonly #options: PublisherOptions;
  readonly #list: ServiceList;
  /** undefined while not online yet. */
  readonly #published = new Map<OnionAddress, Cleanup | undefined>();

  constructor(connection: ControlConnection, options: PublisherOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#list = new ServiceList(connection, options.logger);
  }

  /**
   * Resolves when the service can be found.
   *
   * @throws OnionferryError ERR_TOR_PUBLISH if it is not online in time or tor refuses it;
   *   ERR_IDENTITY_BUSY if this identity is published here already
   */
  async publish(service: ServiceOptions): Promise<Publication> {
    const onion = service.identity.address;
    if (this.#published.has(onion)) {
      throw new OnionferryError('ERR_IDENTITY_BUSY', `${onion} is published already`);
    }
    this.#published.set(onion, undefined);
    const cleanup = new Cleanup();
    cleanup.add(() => void this.#published.delete(onion));
    try {
      await this.#bringOnline(service, cleanup);
    } catch (error) {
      await cleanup.runAfterFailure(this.#options.logger);
      throw error;
    }
    this.#published.set(onion, cleanup);
    return { onion, close: () => cleanup.run() };
  }

  /** Closes all publications. Those not online yet end with their signals. */
  async close(): Promise<void> {
    const all = new Cleanup();
    for (const cleanup of this.#published.values()) all.add(() => cleanup?.run());
    await all.run();
  }

  async #bringOnline(service: ServiceOptions, cleanup: Cleanup): Promise<void> {
    const { identity, ports, proofOfWork = true, onUploaded, signal } = service;
    const { streamsPerCircuit = STREAMS_PER_CIRCUIT, deadlineMs } = service;
    const { logger } = this.#options;
    const watching = { onUploaded, deadlineMs, signal, logger };
    using watch = await OnlineWatch.begin(this.#connection, watching);
    // One for each service: its lock tells others, who find it in tor's list, whether we still run;
    // and its parent stays: tor ends if it has to make the directory of a service and cannot.
    const { path: directory, remove } = await createRunDirectory();
    cleanup.add(remove);
    // tor derives the public key and `hostname` from it.
    const keyFile = join(directory, 'hs_ed25519_secret_key');
    await writeFile(keyFile, hiddenServiceSecretKey(identity), { flag: 'wx', mode: 0o600 });
    if (service.clients !== undefined) await writeClients(directory, service.clients);
    if (service.front !== undefined) await writeFront(directory, service.front);
    const provesWork = proofOfWork && this.#options.isOurs;
    const isBehindFront = service.front !== undefined;
    const listed = { directory, ports, proofOfWork: provesWork, isBehindFront, streamsPerCircuit };
    cleanup.add(async () => {
      await this.#list.remove(listed).catch((error: unknown) => {
        // A service ends with its tor.
        if (!this.#connection.isClosed) throw error;
      });
    });
    await this.#list.add(listed, watch.signal);
    await watch.untilOnline(identity.address);
  }
}

/** tor reads them when it adds the service: one that it cannot read would open the service. */
async function writeClients(directory: string, clients: AdmittedClients): Promise<void> {
  const folder = join(directory, 'authorized_clients');
  await mkdir(folder, { mode: 0o700 });
  for (const [index, client] of clients.entries()) {
    const line = `${formatAuthorizedClient(client)}\n`;
    await writeFile(join(folder, `${String(index)}.auth`), line, { flag: 'wx', mode: 0o600 });
  }
}

/** tor(1), HiddenServiceOnionBalanceInstance */
async function writeFront(directory: string, front: OnionAddress): Promise<void> {
  const line = `MasterOnionAddress ${front}\n`;
  await writeFile(join(directory, 'ob_config'), line, { flag: 'wx', mode: 0o600 });
}
