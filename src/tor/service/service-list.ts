import { access } from 'node:fs/promises';
import { OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { isInRunDirectory } from '../../disk/run-directory.js';
import type { CommandOptions, ControlConnection, Setting } from '../control/connection.js';
import { quote } from '../control/quoting.js';

/**
 * tor's default of 250 requests a second is never reached by those who call on one person's
 * service; these bite before introductions of strangers crowd out the friend. A recipient calls
 * with up to 24 circuits at once, and several may come at the same time.
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

/** A service whose key lies in `directory` already. */
export interface ListedService {
  readonly directory: string;
  readonly ports: readonly ServicePort[];
  readonly proofOfWork: boolean;
  /** A circuit that wants more is closed, at tor, before it costs this process anything. */
  readonly streamsPerCircuit: number;
}

/**
 * The services of one tor. SETCONF HiddenServiceDir replaces the whole list, so one writer sends
 * all of them each time: ours, and those that were there without us.
 *
 * Only the service that is new has proof of work; those that stay lose it. Each time the list
 * changes, tor (0.4.9.11) makes the services that stay anew, and their state for proof of work up
 * to a second later: if somebody calls on one of them in that second, tor dies of signal 11 in
 * hs_circ_handle_introduce2.
 */
export class ServiceList {
  readonly #connection: ControlConnection;
  readonly #logger: Logger;
  readonly #services = new Set<ListedService>();
  /** Directories of ours, also those taken down. */
  readonly #ours = new Set<string>();
  #canProveWork = true;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(connection: ControlConnection, logger: Logger) {
    this.#connection = connection;
    this.#logger = logger;
  }

  /**
   * @throws OnionferryError ERR_TOR_CONTROL if tor refuses, ERR_TOR_PUBLISH if that could end tor;
   *   the list is then as it was
   */
  add(service: ListedService, options?: CommandOptions): Promise<void> {
    return this.#inTurn(async () => {
      const others = await this.#others(options);
      if (others.some(([name, value]) => name === POW_ENABLED && value === '1')) {
        throw new OnionferryError(
          'ERR_TOR_PUBLISH',
          'this tor serves an onion with proof of work already, and could crash if it were given another: let onionferry start a tor of its own',
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
      // The refusal does not name its reason. If all is well without proof of work, it was that.
      await this.#send(all, options).catch(() => {
        throw error;
      });
      this.#canProveWork = false;
      this.#logger.warn('this tor is built without proof of work: floods are slowed down less');
    }
  }

  #settings(): Setting[] {
    return [...this.#services].flatMap((service) => settingsOf(service));
  }

  async #send(all: readonly Setting[], options?: CommandOptions): Promise<void> {
    await this.#connection.setConf(all.length === 0 ? [['HiddenServiceDir']] : all, options);
  }

  /** What the list holds that is not ours: services of the torrc, or of other programs. */
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
 * A tor that cannot make a service's directory ends. That of a killed onionferry may be gone,
 * with all above it; anybody else's is the business of who listed it.
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
    // Behind an onion every address is 127.0.0.1: only the circuit tells callers apart.
    ['HiddenServiceExportCircuitID', 'haproxy'],
    ['HiddenServiceMaxStreams', String(streamsPerCircuit)],
    ['HiddenServiceMaxStreamsCloseCircuit', '1'],
  ];
}

function formatTarget(target: ServiceTarget): string {
  if ('unix' in target) return `unix:${quote(target.unix)}`;
  return target.host.includes(':')
    ? `[${target.host}]:${String(target.port)}`
    : `${target.host}:${String(target.port)}`;
}
