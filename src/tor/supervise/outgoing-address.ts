import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';

/**
 * Addresses that stand for the internet in documentation (RFC 5737, RFC 3849). To connect a UDP
 * socket sends nothing; it only has the system choose a route.
 */
const ELSEWHERE = { udp4: '192.0.2.1', udp6: '2001:db8::1' } as const;
const DISCARD_PORT = 9;

/** Where connections of this machine come from, now. */
export interface Outgoing {
  /** undefined without a route. */
  readonly v4: string | undefined;
  readonly v6: string | undefined;
  /** Every address that this machine has. */
  readonly all: ReadonlySet<string>;
}

export async function outgoingNow(): Promise<Outgoing> {
  const [v4, v6] = await Promise.all([sourceOf('udp4'), sourceOf('udp6')]);
  const all = Object.values(networkInterfaces()).flatMap((those = []) => those);
  return { v4, v6, all: new Set(all.map(({ address }) => address)) };
}

/**
 * Tells when connections that were made before are dead, although TCP may take a quarter of an hour
 * to notice: this machine has another address, or another way out.
 */
export class MoveWatch {
  #v4: string | undefined;
  #v6: string | undefined;

  /** @returns whether it has moved since the last look */
  look({ v4, v6, all }: Outgoing): boolean {
    // IPv6 addresses are replaced every day, and those of before stay good for what uses them.
    const isElsewhere =
      differs(this.#v4, v4) || (differs(this.#v6, v6) && !all.has(this.#v6 ?? ''));
    // One without a route has not arrived anywhere yet.
    this.#v4 = v4 ?? this.#v4;
    this.#v6 = v6 ?? this.#v6;
    return isElsewhere;
  }
}

function differs(before: string | undefined, now: string | undefined): boolean {
  return before !== undefined && now !== undefined && before !== now;
}

async function sourceOf(family: 'udp4' | 'udp6'): Promise<string | undefined> {
  const socket = createSocket(family);
  try {
    socket.connect(DISCARD_PORT, ELSEWHERE[family]);
    await once(socket, 'connect');
    return socket.address().address;
  } catch {
    // No route, or none of this family.
    return undefined;
  } finally {
    socket.close();
  }
}
