import { Cleanup } from '../../base/cleanup.js';
import { deadline, untilAborted } from '../../base/deadline.js';
import { deferred } from '../../base/deferred.js';
import { OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import type { OnionAddress } from '../../onion/address.js';
import type { Identity } from '../../onion/identity.js';
import type { ControlConnection } from '../control/connection.js';
import { DescriptorUploads } from './descriptor-uploads.js';
import { makeKeyDirectory } from './key-directory.js';
import {
  type ListedService,
  ServiceList,
  type ServicePort,
  STREAMS_PER_CIRCUIT,
} from './service-list.js';

/** Seconds as a rule; introduction circuits through bad relays are built again and again. */
export const PUBLISH_DEADLINE_MS = 120_000;
/** The last directories answer a moment after the first, if at all. */
const SETTLE_MS = 2_000;

export interface ServiceOptions {
  readonly identity: Identity;
  readonly ports: readonly ServicePort[];
  /**
   * Default true, on a tor of our own. It ends when another service is published on or taken from
   * the same tor; see ServiceList.
   */
  readonly proofOfWork?: boolean;
  /** Streams that one circuit of a caller may have open; default STREAMS_PER_CIRCUIT. */
  readonly streamsPerCircuit?: number;
  /** Called for each directory that has taken a descriptor, with their number so far. */
  readonly onUploaded?: (uploaded: number) => void;
  /** Default PUBLISH_DEADLINE_MS. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

/** An onion service that is online until it is closed. */
export interface Publication {
  readonly onion: OnionAddress;
  /** Takes the service down and removes its key from the disk. */
  close(): Promise<void>;
}

interface Where {
  /** For keys. */
  readonly directory: string;
  /** Nobody else changes this tor's services. Where somebody does, proof of work is a danger. */
  readonly isOurs: boolean;
}

/** Publishes services on one tor. */
export class Publisher {
  readonly #connection: ControlConnection;
  readonly #directory: string;
  readonly #isOurs: boolean;
  readonly #list: ServiceList;
  readonly #published = new Set<OnionAddress>();

  /** `directory` is private to this user, and tor runs as the same. */
  constructor(connection: ControlConnection, { directory, isOurs }: Where, logger: Logger) {
    this.#connection = connection;
    this.#directory = directory;
    this.#isOurs = isOurs;
    this.#list = new ServiceList(connection, logger);
  }

  /**
   * Resolves when the service can be found.
   *
   * @throws OnionferryError ERR_TOR_PUBLISH if it does not get online in time or tor refuses it;
   *   ERR_IDENTITY_BUSY if this identity is published here already
   */
  async publish(service: ServiceOptions): Promise<Publication> {
    const onion = service.identity.address;
    if (this.#published.has(onion)) {
      throw new OnionferryError('ERR_IDENTITY_BUSY', `${onion} is published already`);
    }
    this.#published.add(onion);
    const cleanup = new Cleanup();
    cleanup.add(() => void this.#published.delete(onion));
    try {
      await this.#bringOnline(service, cleanup);
    } catch (error) {
      await cleanup.run().catch(() => undefined);
      throw error;
    }
    return { onion, close: () => cleanup.run() };
  }

  async #bringOnline(service: ServiceOptions, cleanup: Cleanup): Promise<void> {
    const { identity, ports, proofOfWork = true, onUploaded, signal } = service;
    const { deadlineMs = PUBLISH_DEADLINE_MS, streamsPerCircuit = STREAMS_PER_CIRCUIT } = service;
    const uploads = new DescriptorUploads(identity.address.replace(/\.onion$/, ''));
    using limit = deadline(deadlineMs, () => notOnline(uploads, deadlineMs), signal);
    const key = await makeKeyDirectory(this.#directory, identity);
    cleanup.add(() => key.remove());
    const online = deferred<undefined>();
    const settled = deferred<undefined>();
    // Before the service is made, or the first events are missed.
    const stop = await this.#connection.listen(
      'HS_DESC',
      ([line = '']) => {
        if (uploads.take(line) === 'uploaded') onUploaded?.(uploads.uploaded);
        if (!uploads.isOnline) return;
        online.resolve(undefined);
        if (uploads.isSettled) settled.resolve(undefined);
      },
      { signal: limit.signal },
    );
    try {
      const listed: ListedService = {
        directory: key.path,
        ports,
        proofOfWork: proofOfWork && this.#isOurs,
        streamsPerCircuit,
      };
      cleanup.add(async () => {
        await this.#list.remove(listed).catch((error: unknown) => {
          // With its tor, a service has ended as well.
          if (!this.#connection.isClosed) throw error;
        });
      });
      await this.#list.add(listed);
      await untilAborted(online.promise, limit.signal);
      using grace = deadline(SETTLE_MS, () => notOnline(uploads, SETTLE_MS), limit.signal);
      await untilAborted(settled.promise, grace.signal).catch(() => limit.signal.throwIfAborted());
    } finally {
      stop();
    }
  }
}

function notOnline(uploads: DescriptorUploads, ms: number): OnionferryError {
  const { uploaded, failed, lastReason } = uploads;
  const why =
    uploaded + failed === 0
      ? 'no introduction point could be reached'
      : `${String(uploaded)} directories took its descriptor and ${String(failed)} did not${lastReason === undefined ? '' : ` (${lastReason})`}`;
  return new OnionferryError(
    'ERR_TOR_PUBLISH',
    `the onion service did not get online within ${String(ms / 1000)} seconds: ${why}; try again`,
  );
}
