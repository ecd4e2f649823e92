import { dirname, join } from 'node:path';
import { authenticate } from '../../../src/tor/control/authenticate.js';
import { ControlConnection } from '../../../src/tor/control/connection.js';
import type { RunningTor } from '../sides/programs.js';
import type { Path } from './most-over.js';

/** A line of control-spec's circuit-status, or of a CIRC event. */
export interface CircuitLine {
  readonly id: string;
  readonly status: string;
  /** Fingerprints. */
  readonly path: Path;
  /** Empty if there is none. */
  readonly purpose: string;
}

export function parseCircuit(line: string): CircuitLine {
  const [id = '', status = '', third = ''] = line.split(' ');
  const path = third.startsWith('$')
    ? third.split(',').map((relay) => /^\$([0-9A-F]{40})/.exec(relay)?.[1] ?? relay)
    : [];
  return { id, status, path, purpose: /(?:^| )PURPOSE=(\S+)/.exec(line)?.[1] ?? '' };
}

/**
 * The guards and second hops that one tor has drawn for circuits of onion services. By
 * vanguards-lite (proposal 333) every such circuit takes its second hop from four; tor's other
 * circuits take any, and do not count.
 */
export interface Drawn {
  readonly guards: readonly string[];
  readonly seconds: readonly string[];
}

export function drawnBy(circuits: Iterable<CircuitLine>): Drawn {
  const guards = new Set<string>();
  const seconds = new Set<string>();
  for (const { path, purpose } of circuits) {
    const [guard, second] = path;
    if (!purpose.startsWith('HS_') || guard === undefined || second === undefined) continue;
    guards.add(guard);
    seconds.add(second);
  }
  return { guards: [...guards], seconds: [...seconds] };
}

/** Every way from one tor's side to the other's by guards and second hops. */
export function pathsBetween(one: Drawn, other: Drawn): Path[] {
  const halves = ({ guards, seconds }: Drawn): Path[] =>
    guards.flatMap((guard) =>
      seconds.flatMap((second) => (second === guard ? [] : [[guard, second]])),
    );
  return halves(one).flatMap((near) => halves(other).map((far) => [...near, ...far]));
}

/** Watches which circuits a tor builds, from now on and those that there are. */
export class CircuitWatch implements Disposable {
  readonly #control: ControlConnection;
  /** The longest path of each. */
  readonly #circuits = new Map<string, CircuitLine>();

  private constructor(control: ControlConnection) {
    this.#control = control;
  }

  static async start({ control: path }: RunningTor): Promise<CircuitWatch> {
    const control = await ControlConnection.connect({ kind: 'unix', path });
    try {
      await authenticate(control, { cookieFile: join(dirname(path), 'cookie') });
      const watch = new CircuitWatch(control);
      await control.listen('CIRC', ([line = '']) => watch.#note(parseCircuit(line)));
      const status = await control.getInfo('circuit-status');
      for (const line of status.split('\n')) watch.#note(parseCircuit(line));
      return watch;
    } catch (error) {
      control.close();
      throw error;
    }
  }

  get drawn(): Drawn {
    return drawnBy(this.#circuits.values());
  }

  /** Ids of circuits that may carry content now. */
  get rendezvous(): string[] {
    return [...this.#circuits.values()]
      .filter(({ status, purpose }) => status === 'BUILT' && /^HS_.*_REND$/.test(purpose))
      .map(({ id }) => id);
  }

  /** As a relay on its way would by dying. One that has gone meanwhile is no error. */
  async closeCircuit(id: string): Promise<void> {
    await this.#control.send(`CLOSECIRCUIT ${id}`).catch(() => undefined);
  }

  [Symbol.dispose](): void {
    this.#control.close();
  }

  #note(circuit: CircuitLine): void {
    const before = this.#circuits.get(circuit.id);
    const path = circuit.path.length === 0 ? (before?.path ?? []) : circuit.path;
    this.#circuits.set(circuit.id, { ...circuit, path });
  }
}
