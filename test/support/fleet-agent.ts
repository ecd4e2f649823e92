import { Agent } from 'node:http';
import { connect } from 'node:net';

/** Connections by the host's name, to unix sockets. */
export class FleetAgent extends Agent {
  readonly #pathOf: (host: string) => string;

  constructor(pathOf: (host: string) => string) {
    super({ keepAlive: true });
    this.#pathOf = pathOf;
  }

  override createConnection(
    { host }: { host?: string | null },
    callback?: Parameters<Agent['createConnection']>[1],
  ): ReturnType<Agent['createConnection']> {
    try {
      return connect(this.#pathOf(host ?? ''));
    } catch (error) {
      // What is dialled through Tor fails later, as an error of the request.
      process.nextTick(() => callback?.(error as Error, undefined as never));
      return undefined;
    }
  }
}
