import type { OnionAddress } from '../../src/onion/address.js';
import type { TorEndpoint } from '../../src/tor/control/endpoint.js';

/** What is attacked, and who is measured meanwhile. */
export type TargetKind = 'send' | 'relay' | 'share';

/** A real program behind a real onion address. An attack uses what its attacker is said to know. */
export interface Target {
  readonly kind: TargetKind;
  readonly onion: OnionAddress;
  /** The user name for Basic auth */
  readonly user: string;
  /** The whole password; of `relay` that of the relay */
  readonly password: string;
  /** The access words, which open the relay of `send` and `share`; of `relay` its password */
  readonly access: string;
}

/** Where an attack takes place, and with how much. */
export interface Field {
  readonly target: Target;
  /** Of the attacker's own tor: each isolation value is a circuit. */
  readonly socks: TorEndpoint;
  readonly circuits: number;
  /** Ends the attack. */
  readonly signal: AbortSignal;
  /** Counts what the attacker saw, such as replies by status. */
  readonly count: (what: string) => void;
}

/** One way to keep honest people out, by somebody with little. */
export interface Attack {
  readonly name: string;
  /** Who does what, and what they know */
  readonly about: string;
  readonly targets: readonly TargetKind[];
  /** Goes on until the field's signal aborts; may throw then. */
  readonly run: (field: Field) => Promise<void>;
}

/** Runs `work` once on each circuit, again and again, until the end. A failure is counted. */
export async function onEachCircuit(
  { circuits, signal, count }: Field,
  work: (circuit: string) => Promise<void>,
): Promise<void> {
  const isOver = (): boolean => signal.aborted;
  const one = async (_: unknown, number: number): Promise<void> => {
    // A circuit that was closed is replaced by tor, under the same name.
    while (!isOver()) {
      try {
        await work(`attacker-${number}`);
      } catch (error) {
        if (isOver()) return;
        count(`failed: ${error instanceof Error ? error.message.slice(0, 60) : 'otherwise'}`);
        await pause(100, signal);
      }
    }
  };
  await Promise.all(Array.from({ length: circuits }, one));
}

/** Resolves after `ms`, or at the end. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
