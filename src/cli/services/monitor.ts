import { once } from 'node:events';
import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import {
  type Counter,
  collectDefaultMetrics,
  Gauge,
  Counter as PromCounter,
  Registry,
} from 'prom-client';
import type { FerryEvent } from '../../api/events.js';
import { OnionferryError } from '../../base/errors.js';
import type { MonitorAddress } from './monitor-address.js';
import { RelayMetrics } from './relay-metrics.js';
import type { ServiceState } from './supervise.js';

const BY_SERVICE = ['service'] as const;
type OfService = Counter<'service'>;

/**
 * What services do in numbers, for Prometheus at `/metrics`, and their health at `/healthz`: status
 * 200 while all are online, else 503. No address, name or password is in either.
 */
export class Monitor implements AsyncDisposable {
  readonly #registry = new Registry();
  readonly #states = new Map<string, ServiceState>();
  readonly #visits: OfService = this.#counter('visits', 'Visitors that have shown the password');
  readonly #refused: OfService = this.#counter('wrong_passwords', 'Wrong passwords of visitors');
  readonly #files: OfService = this.#counter('files', 'Files that have arrived or were delivered');
  readonly #bytes: OfService = this.#counter('file_bytes', 'Bytes of those files');
  readonly #purged: OfService = this.#counter('purged_files', 'Files removed because of their age');
  readonly #warnings: OfService = this.#counter('warnings', 'Warnings, such as refused uploads');
  readonly #starts: OfService = this.#counter('starts', 'Times that a service was started');
  readonly #counters: readonly OfService[] = [
    ...[this.#visits, this.#refused, this.#files, this.#bytes],
    ...[this.#purged, this.#warnings, this.#starts],
  ];
  readonly #relays: RelayMetrics;
  readonly #server: Server;
  readonly #address: MonitorAddress;

  /**
   * @param services their names; none of them is online yet
   * @param relays those of them that are relays
   */
  constructor(
    address: MonitorAddress,
    services: readonly string[],
    relays: readonly string[] = [],
  ) {
    this.#address = address;
    this.#relays = new RelayMetrics(this.#registry, relays);
    for (const service of services) {
      this.#states.set(service, 'starting');
      // What has not happened yet is there as zero, so that rates can be told from the start.
      for (const counter of this.#counters) counter.inc({ service }, 0);
    }
    const states = this.#states;
    new Gauge({
      name: 'onionferry_online',
      help: 'Whether the address of a service can be reached, as far as this side knows',
      labelNames: BY_SERVICE,
      registers: [this.#registry],
      collect() {
        for (const [service, state] of states) this.set({ service }, state === 'online' ? 1 : 0);
      },
    });
    collectDefaultMetrics({ register: this.#registry });
    this.#server = createServer((request, response) => {
      void this.#answer(request.url ?? '').then(({ status, type, body }) => {
        response.writeHead(status, { 'Content-Type': type }).end(body);
      });
    });
    this.#server.unref();
  }

  /** @throws OnionferryError ERR_DESTINATION if the address cannot be had */
  async listen(): Promise<void> {
    const address = this.#address;
    try {
      if (address.kind === 'unix') {
        removeSocket(address.path);
        this.#server.listen(address.path);
      } else this.#server.listen(address.port, address.host);
      await once(this.#server, 'listening');
      if (address.kind === 'unix') chmodSync(address.path, 0o660);
    } catch (cause) {
      throw new OnionferryError('ERR_DESTINATION', 'the address of --metrics cannot be used', {
        cause,
      });
    }
  }

  /** A service is in another state. Counters go on over all its starts. */
  state(service: string, state: ServiceState): void {
    this.#states.set(service, state);
    if (state === 'starting') this.#starts.inc({ service });
    if (state !== 'online') this.#relays.ended(service);
  }

  event(service: string, event: FerryEvent): void {
    switch (event.event) {
      case 'visit':
        this.#visits.inc({ service });
        break;
      case 'refused':
        this.#refused.inc({ service }, event.attempts);
        break;
      case 'file':
        this.#files.inc({ service });
        this.#bytes.inc({ service }, event.bytes);
        break;
      case 'purged':
        this.#purged.inc({ service });
        break;
      case 'relay':
        this.#relays.tell(service, event);
        break;
      case 'warning':
        this.#warnings.inc({ service });
        break;
      default:
        break;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #answer(url: string): Promise<{ status: number; type: string; body: string }> {
    if (url === '/metrics') {
      const body = await this.#registry.metrics();
      return { status: 200, type: this.#registry.contentType, body };
    }
    if (url !== '/healthz') return { status: 404, type: 'text/plain', body: 'not found\n' };
    const isWell = [...this.#states.values()].every((state) => state === 'online');
    const body = `${JSON.stringify({ services: Object.fromEntries(this.#states) })}\n`;
    return { status: isWell ? 200 : 503, type: 'application/json', body };
  }

  #counter(name: string, help: string): OfService {
    const registers = [this.#registry];
    return new PromCounter({
      name: `onionferry_${name}_total`,
      help,
      labelNames: BY_SERVICE,
      registers,
    });
  }
}

/** What an earlier process has left; never anything else. */
function removeSocket(path: string): void {
  try {
    if (lstatSync(path).isSocket()) rmSync(path);
  } catch {
    // Nothing is there.
  }
}
