import { access } from 'node:fs/promises';
import { OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { isInRunDirectory } from '../../disk/run-directory.js';
import type { CommandOptions, ControlConnection, Setting } from '../control/connection.js';
import { quote } from '../control/quoting.js';

/**
 * The clients of one person's service never reach tor's default of 250 requests a second. These
 * limits apply before a flood crowds them out, and leave room for several recipients with up to 24
 * circuits each.
 */
const POW_QUEUE_RATE = 5;
const POW_QUEUE_BURST = 120;
const POW_ENABLED = 'HiddenServicePoWDefensesEnabled';
const PROOF_OF_WORK: readonly Setting[] = [
  [POW_ENABLED, '1'],
  ['HiddenServicePoWQueueRate', String(POW_QUEUE_RATE)],
  ['HiddenServicePoWQueueBurst', String(POW_QUEUE_BURST)],
];

/** Twice what one participant of a relay, or one browser, opens. */
export const STREAMS_PER_CIRCUIT = 64;

export type ServiceTarget =
  | { readonly unix: string }
  | { readonly host: string; readonly port: number };

export interface ServicePort {
  readonly virtual: number;
  readonly target: ServiceTarget;
}

/** A service whose key is in `directory` already. */
export interface ListedService {
  readonly directory: string;
  readonly ports: readonly ServicePort[];
  readonly proofOfWork: boolean;
  /** tor closes a circuit that opens more, before it costs this process anything. */
  readonly streamsPerCircuit: number;
}

/**
 * The services of one tor. SETCONF HiddenServiceDir replaces the whole list, so one writer sends
 * all of them each time: ours, and those of others.
 *
 * Only the newest service has proof of work; the others lose it. Each time the list changes, tor
 * (0.4.9.11) makes new objects for the services that stay, and their state for proof of work up to
 * a second later: a client that introduces itself to one in that second crashes tor (signal 11 in
 * hs_circ_handle_introduce2).
 */
export class ServiceList {
  readonly #connection: ControlConnection;
  readonly #logger: Logger;
  readonly #services = new Set<ListedService>();
  /** Directories of our services, also of those removed. */
  readonly #ours = new Set<string>();
  #canProveWork = true;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(connection: ControlConnection, logger: Logger) {
    this.#connection = connection;
    this.#logger = logger;
  }

  /**
   * @throws OnionferryError ERR_TOR_CONTROL if tor refuses, ERR_TOR_PUBLISH if it could crash tor;
   *   the list is then unchanged
   */
  add(service: ListedService, options?: CommandOptions): Promise<void> {
    return this.#inTurn(async () => {
      const others = await this.#others(options);
      if (others.some(([name, value]) => name === POW_ENABLED && value === '1')) {
        throw new OnionferryError(
          'ERR_TOR_PUBLISH',
          'this tor already has an onion service with proof of work and could crash if another were added: let onionferry start a tor of its own',
        );
      }
      this.#ours.add(service.directory);
      await this.#addTo(others, service, options);
      this.#services.add(service);
    });
  }

  remove(service: ListedService, options?: CommandOptions): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#services.delete(service) || this.#connection.isClosed) return;
      await this.#send([...(await this.#others(options)), ...this.#settings()], options);
    });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    // The caller gets the error of its own turn; the next turn only waits.
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #addTo(
    others: readonly Setting[],
    service: ListedService,
    options?: CommandOptions,
  ): Promise<void> {
    const all = [...others, ...this.#settings(), ...settingsOf(service)];
    if (!service.proofOfWork || !this.#canProveWork) {
      await this.#send(all, options);
      return;
    }
    try {
      await this.#send([...all, ...PROOF_OF_WORK], options);
    } catch (error) {
      if (this.#connection.isClosed) throw error;
      // The refusal does not name its reason. If tor accepts the same without proof of work, it was
      // that.
      await this.#send(all, options).catch(() => {
        throw error;
      });
      this.#canProveWork = false;
      this.#logger.warn('this tor is built without proof of work: it slows floods down less');
    }
  }

  #settings(): Setting[] {
    return [...this.#services].flatMap((service) => settingsOf(service));
  }

  async #send(all: readonly Setting[], options?: CommandOptions): Promise<void> {
    await this.#connection.setConf(all.length === 0 ? [['HiddenServiceDir']] : all, options);
  }

  /** Services that are not ours: those of the torrc and of other programs. */
  async #others(options?: CommandOptions): Promise<Setting[]> {
    const listed = await this.#connection.getConf('HiddenServiceOptions', options);
    const others: Setting[] = [];
    let isKept = false;
    for (const [name, value] of listed) {
      if (value === undefined) continue;
      if (name === 'HiddenServiceDir') isKept = !this.#ours.has(value) && (await isAlive(value));
      if (isKept) others.push([name, value]);
    }
    return others;
  }
}

/**
 * tor ends if it cannot create the directory of a service. That of a killed onionferry may be gone
 * with its parents; others are the business of those who listed them.
 */
async function isAlive(directory: string): Promise<boolean> {
  if (!isInRunDirectory(directory)) return true;
  return await access(directory).then(
    () => true,
    () => false,
  );
}

function settingsOf({ directory, ports, streamsPerCircuit }: ListedService): Setting[] {
  return [
    ['HiddenServiceDir', directory],
    ...ports.map(
      ({ virtual, target }): Setting => [
        'HiddenServicePort',
        `${String(virtual)} ${formatTarget(target)}`,
      ],
    ),
    // Behind an onion every address is 127.0.0.1: only the circuit tells clients apart.
    ['HiddenServiceExportCircuitID', 'haproxy'],
    ['HiddenServiceMaxStreams', String(streamsPerCircuit)],
    ['HiddenServiceMaxStreamsCloseCircuit', '1'],
  ];
}

/** As in `HiddenServicePort` and ADD_ONION. */
export function formatTarget(target: ServiceTarget): string {
  if ('unix' in target) return `unix:${quote(target.unix)}`;
  return target.host.includes(':')
    ? `[${target.host}]:${String(target.port)}`
    : `${target.host}:${String(target.port)}`;
}
