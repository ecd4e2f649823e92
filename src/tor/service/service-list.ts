import { rm } from 'node:fs/promises';
import { OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { isAbandoned } from '../../disk/locked-folder.js';
import { runDirectoryAround } from '../../disk/run-directory.js';
import type { ControlConnection, Setting } from '../control/connection.js';
import { quote } from '../control/quoting.js';
import { lockServiceList } from './service-list-lock.js';

/**
 * The clients of one person's service never reach tor's default of 250 requests a second. These
 * limits apply before a flood crowds them out, and leave room for several recipients with up to 24
 * circuits each.
 */
export const POW_QUEUE_RATE = 5;
export const POW_QUEUE_BURST = 120;
const POW = 'HiddenServicePoW';
const POW_ENABLED = `${POW}DefensesEnabled`;
const PROOF_OF_WORK: readonly Setting[] = [
  [POW_ENABLED, '1'],
  [`${POW}QueueRate`, String(POW_QUEUE_RATE)],
  [`${POW}QueueBurst`, String(POW_QUEUE_BURST)],
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

/** A service whose key is in `directory` already, a run directory. */
export interface ListedService {
  readonly directory: string;
  readonly ports: readonly ServicePort[];
  readonly proofOfWork: boolean;
  /** Whether there is an `ob_config` in `directory`, which names an address of Onionbalance. */
  readonly isBehindFront?: boolean;
  /** tor closes a circuit that opens more, before it costs this process anything. */
  readonly streamsPerCircuit: number;
}

/** One service of the list; its first setting is `HiddenServiceDir`. */
type Entry = readonly Setting[];

/** How often a change is tried again if others, who take no lock, change the list meanwhile. */
const ATTEMPTS_MAX = 5;

/**
 * The services of one tor, which other processes may use too. SETCONF HiddenServiceDir replaces the
 * whole list, so each change is made under a lock, from what tor lists at that time: services of
 * others stay as they are and where they are. Those of ours that somebody else removes, by a SETCONF
 * or by having tor read its torrc again, are added again.
 *
 * Only the newest service of ours has proof of work; the others lose it. Each time the list changes,
 * tor (0.4.9.11) makes new objects for the services that stay, and their state for proof of work up
 * to a second later: a client that introduces itself to one in that second crashes tor (signal 11 in
 * hs_circ_handle_introduce2).
 */
export class ServiceList {
  readonly #connection: ControlConnection;
  readonly #logger: Logger;
  readonly #services = new Set<ListedService>();
  #canProveWork = true;
  #watch: Promise<Disposable> | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #isRestoring = false;

  constructor(connection: ControlConnection, logger: Logger) {
    this.#connection = connection;
    this.#logger = logger;
  }

  /**
   * @throws OnionferryError ERR_TOR_CONTROL if tor refuses, ERR_TOR_PUBLISH if it could crash tor or
   *   others keep removing the service; the list is then without it. The signal's reason, if it
   *   aborts while others change the list.
   */
  async add(service: ListedService, signal?: AbortSignal): Promise<void> {
    await (this.#watch ??= this.#connection.listen('CONF_CHANGED', (lines) => this.#look(lines)));
    await this.#inTurn(async () => {
      await this.#change({ add: [service], signal });
      this.#services.add(service);
    });
  }

  remove(service: ListedService, signal?: AbortSignal): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#services.delete(service) || this.#connection.isClosed) return;
      await this.#change({ remove: service, signal });
    });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    // The caller gets the error of its own turn; the next turn only waits.
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #change(change: {
    readonly add?: readonly ListedService[];
    readonly remove?: ListedService;
    readonly signal?: AbortSignal | undefined;
  }): Promise<void> {
    const { add = [], remove, signal } = change;
    await using _ = await lockServiceList(this.#connection, signal);
    // It may have aborted while the lock was being granted.
    signal?.throwIfAborted();
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const before = await this.#listed();
      const { kept, abandoned } = await sorted(before);
      const others = kept.filter((entry) => directoryOf(entry) !== remove?.directory);
      if (add.length > 0 && others.some(provesWork)) throw couldCrash();
      const added = add.filter(
        ({ directory }) => !others.some((e) => directoryOf(e) === directory),
      );
      if (added.length === 0 && others.length === before.length) return;
      const wanted = await this.#write(others, added);
      if (isSameList(await this.#listed(), wanted)) {
        // tor no longer names them.
        for (const path of abandoned) await rm(path, { recursive: true, force: true });
        return;
      }
      this.#logger.debug('somebody else has changed the services of this tor at the same time');
    }
    const { kept } = await sorted(await this.#listed());
    const directories = add.map(({ directory }) => directory);
    await this.#send(kept.filter((entry) => !directories.includes(directoryOf(entry))));
    throw new OnionferryError(
      'ERR_TOR_PUBLISH',
      'another program keeps changing the services of this tor: let onionferry start a tor of its own',
    );
  }

  /** @returns what was sent in the end */
  async #write(others: readonly Entry[], added: readonly ListedService[]): Promise<Entry[]> {
    const plain = [...others, ...added.map(settingsOf)];
    const [service] = added;
    if (added.length !== 1 || service?.proofOfWork !== true || !this.#canProveWork) {
      return await this.#send(plain);
    }
    try {
      return await this.#send([...others, [...settingsOf(service), ...PROOF_OF_WORK]]);
    } catch (error) {
      if (this.#connection.isClosed) throw error;
      // The refusal does not name its reason. If tor accepts the same without proof of work, it was
      // that.
      const sent = await this.#send(plain).catch(() => {
        throw error;
      });
      this.#canProveWork = false;
      this.#logger.warn('this tor is built without proof of work: it slows floods down less');
      return sent;
    }
  }

  async #send(entries: Entry[]): Promise<Entry[]> {
    await this.#connection.setConf(entries.length === 0 ? [['HiddenServiceDir']] : entries.flat());
    return entries;
  }

  async #listed(): Promise<Entry[]> {
    const entries: Setting[][] = [];
    for (const [name, value] of await this.#connection.getConf('HiddenServiceOptions')) {
      if (value === undefined) continue;
      if (name === 'HiddenServiceDir') entries.push([]);
      entries.at(-1)?.push([name, value]);
    }
    return entries;
  }

  /** Somebody has changed the configuration: we, another process of ours, or a stranger. */
  #look(lines: readonly string[]): void {
    if (this.#isRestoring || !lines.some((line) => /^HiddenService/i.test(line))) return;
    this.#isRestoring = true;
    this.#inTurn(() => this.#restore()).catch((error: unknown) => {
      if (!this.#connection.isClosed) {
        this.#logger.warn(
          `a service that this tor has lost cannot be added again: ${String(error)}`,
        );
      }
    });
  }

  async #restore(): Promise<void> {
    // A change from here on is looked at again.
    this.#isRestoring = false;
    if (this.#services.size === 0 || this.#connection.isClosed) return;
    const listed = (await this.#listed()).map(directoryOf);
    const lost = [...this.#services].filter(({ directory }) => !listed.includes(directory));
    if (lost.length === 0) return;
    this.#logger.debug(`${String(lost.length)} of our services were removed from tor; adding them`);
    await this.#change({ add: lost.map((service) => ({ ...service, proofOfWork: false })) });
  }
}

function directoryOf(entry: Entry): string {
  return entry[0]?.[1] ?? '';
}

function provesWork(entry: Entry): boolean {
  return entry.some(([name, value]) => name === POW_ENABLED && value === '1');
}

function isSameList(a: readonly Entry[], b: readonly Entry[]): boolean {
  return JSON.stringify(a.map(directoryOf)) === JSON.stringify(b.map(directoryOf));
}

/**
 * Which services stay, without proof of work where it is ours to take, and the run directories of
 * those whose process was killed.
 */
async function sorted(listed: readonly Entry[]): Promise<{ kept: Entry[]; abandoned: string[] }> {
  const kept: Entry[] = [];
  const abandoned: string[] = [];
  for (const entry of listed) {
    const run = runDirectoryAround(directoryOf(entry));
    if (run === undefined) kept.push(entry);
    else if (await isAbandoned(run)) abandoned.push(run);
    else kept.push(entry.filter(([name]) => !name.startsWith(POW)));
  }
  return { kept, abandoned };
}

function couldCrash(): OnionferryError {
  return new OnionferryError(
    'ERR_TOR_PUBLISH',
    'this tor already has an onion service with proof of work and could crash if another were added: let onionferry start a tor of its own',
  );
}

function settingsOf({
  directory,
  ports,
  isBehindFront = false,
  streamsPerCircuit,
}: ListedService): Setting[] {
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
    ...(isBehindFront ? [['HiddenServiceOnionBalanceInstance', '1'] as const] : []),
  ];
}

/** As in `HiddenServicePort` and ADD_ONION. */
export function formatTarget(target: ServiceTarget): string {
  if ('unix' in target) return `unix:${quote(target.unix)}`;
  return target.host.includes(':')
    ? `[${target.host}]:${String(target.port)}`
    : `${target.host}:${String(target.port)}`;
}
